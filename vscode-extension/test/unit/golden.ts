// A step as the server sends it, from the golden messages: so a field that is added needs no change here.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { StepEntity } from "../../src/protocol/messages";

export const GOLDEN = join(process.cwd(), "..", "protocol", "golden");

interface StepExamples {
  examples: { entity: StepEntity }[];
}

const { examples } = JSON.parse(readFileSync(join(GOLDEN, "entity.step.json"), "utf8")) as StepExamples;

export function goldenStep(ordinal: number, more: Partial<StepEntity> = {}): StepEntity {
  const plain = examples[0]?.entity;
  if (plain === undefined) throw new Error("there is no golden step");
  return { ...plain, text: "", id: `step_${ordinal}`, version: ordinal, ordinal, ...more };
}
