// The words of the page about what work took and cost.

import { speak, type Catalogue } from "./speak";

export const analytics = {
  title: "Analytics",
  sub: "What work took and cost, how much of it went well, and what would have cost less. All of it from the record.",
  "days.label": "How far back",
  "days.7": "7 days",
  "days.30": "30 days",
  "days.90": "90 days",
  "days.365": "1 year",
  "none.title": "Nothing in these days",
  "none.text": "No model was called. Figures come with the first session.",

  "total.cost": "Cost",
  "total.unpriced": {
    one: "without {n} call whose price is not known",
    other: "without {n} calls whose price is not known",
  },
  "total.time": "Time",
  "total.time.parts": "{model} models, {tool} tools and gates",
  "total.success": "Tasks that went well",
  "total.of": "{good} of {all}",
  "total.gates": "{good} of {all} gates passed",
  "total.sessions": { one: "{n} session", other: "{n} sessions" },
  "total.sessions.title": "Sessions",
  "total.calls": { one: "{n} call of a model", other: "{n} calls of models" },
  "total.failed": "{n} failed",

  "day.title": "Cost by day",
  "day.unit": "dollars, days in UTC",
  "day.cost": "Cost",
  "by.model": "By model",
  "by.role": "By kind of work",
  "by.workspace": "By workspace",
  "column.model": "Model",
  "column.role": "Kind of work",
  "column.workspace": "Workspace",
  "column.calls": "Calls",
  "column.tokens": "Tokens",
  "column.time": "Time",
  "column.success": "Went well",
  "column.cost": "Cost",
  "success.hint":
    "Of a coder tasks that ended, of a planner plans that were decided, of a critic reviews that were given.",
  "cost.unknown": "unknown",
  "cost.part": { one: "and {n} call unpriced", other: "and {n} calls unpriced" },
  nothing: "–",

  "outcome.title": "Sessions by how they stand",
  "outcome.left": "{n} older sessions are not counted here.",
  "outcome.status": "Status",
  "outcome.sessions": "Sessions",
  "outcome.cost": "Cost",

  "saving.title": "What would have cost less",
  "saving.none": "Nothing in the record says that anything would have.",
  "saving.model": "{role}: {other} in place of {model}",
  "saving.amount": "{amount} less",
  "saving.arithmetic": "{tasks} tasks × ({mine} − {others}) each",
  "saving.mine": "{model}: {good} of {tasks} went well, {each} each",
  "saving.take": "Order it on the Models page",
  "saving.limit": "A budget of {limit} for each session",
  "saving.limit.why": {
    one: "The dearest of {good} sessions that came to a proposal cost {limit}. {n} of {lost} that came to nothing went above it, by {amount} in sum.",
    other:
      "The dearest of {good} sessions that came to a proposal cost {limit}. {n} of {lost} that came to nothing went above it, by {amount} in sum.",
  },
  "saving.how":
    "A model is held against another only in the same kind of work, with at least {n} tasks of either, all with a known price, and where not fewer of the other's went well. A budget is worked out from {sessions} sessions with a proposal or more. Other work may go otherwise.",
  "left.title": "Not compared",
  "left.few": { one: "{role}, {model}: only {n} task.", other: "{role}, {model}: only {n} tasks." },
  "left.unpriced": "{role}, {model}: the price of some calls is not known.",
  "left.alone": "{role}, {model}: no other model has done enough of this work.",
} as const satisfies Catalogue;

export const t = speak(analytics);
