// Begins everything that lives as long as the page.

import { connection } from "./connection";
import { liveSessions } from "./live";
import { preferences } from "./preferences";
import { followConnection } from "./queries";
import { sessionLines } from "./session-lines";

export function startHub(): void {
  followConnection();
  liveSessions.start();
  sessionLines.start();
  preferences.start();
  connection.start();
}
