import { project } from "@/text/project";
import { speak, speakWord } from "@/text/speak";

export const t = speak(project);
export const word = speakWord(project);

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
