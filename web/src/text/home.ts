// Words of Home.

import type { Catalogue } from "./speak";

export const home = {
  title: "Home",
  workspace: "Folder",
  "workspace.path": "Path of the folder",
  "workspace.hint": "An absolute path on the machine where the hub runs.",
  "workspace.absolute": "Give an absolute path, for example /home/you/project.",
  "workspace.another": "Another folder …",
  "workspace.empty": "Say in which folder the work is to be done.",
  autonomy: "How much it does without asking",
  model: "Model",
  "model.auto": "Model: automatic",
  budget: "Budget",
  "budget.none": "No limit",
  "budget.dollars": "Up to ${n}",
  workspaces: "Workspaces",
  "workspaces.sessions": { one: "{n} session", other: "{n} sessions" },
  running: "Running and waiting",
  recent: "Recent",
  "recent.empty": "Nothing yet",
  "recent.empty.text":
    "Draftsmith works in a copy of your folder, runs your tests there, and hands back changes that you accept one by one.",
  progress: "{done} of {all} tasks",
  filter: "Filter sessions",
  "filter.none": "No session fits.",
  started: "The session is under way",
  "home.confirm": "This is a home folder",
  "home.confirm.text": "A snapshot of all of it would be taken. Is the whole folder meant?",
  "home.confirm.action": "Yes, all of it",
  delete: "Delete the session",
  "delete.text":
    "Its log and its snapshots go for good. Files that were changed by it stay as they are. It cannot be undone.",
  cost: "Cost so far",
  more: "Older sessions",
  actions: "What to do with {title}",
} as const satisfies Catalogue;
