// Words that several pages use.

import { speak, speakWord, type Catalogue } from "./speak";

export const shared = {
  "action.cancel": "Cancel",
  "action.close": "Close",
  "action.copy": "Copy",
  "action.copied": "Copied",
  "action.more": "Show more",
  "action.retry": "Try again",
  "action.open": "Open",
  "action.back": "Back",
  "action.delete": "Delete",
  "action.save": "Save",

  "page.home": "Home",
  "page.session": "Session",
  "page.review": "Review",
  "page.project": "Project",
  "page.models": "Models",
  "page.monitoring": "Monitoring",
  "page.analytics": "Analytics",
  "page.settings": "Settings",

  "status.starting": "Starting",
  "status.working": "Working",
  "status.waiting": "Waiting for you",
  "status.proposed": "Proposal ready",
  "status.finished": "Finished",
  "status.stopped": "Stopped",
  "status.cancelled": "Cancelled",

  "role.plan": "Planner",
  "role.code": "Coder",
  "role.critique": "Critic",
  "role.quick": "Quick",

  "task.proposed": "Proposed",
  "task.pending": "Pending",
  "task.active": "Active",
  "task.done": "Done",
  "task.failed": "Failed",
  "task.skipped": "Skipped",

  "phase.coding": "Writing",
  "phase.gates": "Checking",
  "phase.critique": "Reviewing",
  "phase.closing": "Closing",

  "verdict.running": "Running",
  "verdict.passed": "Passed",
  "verdict.failed": "Failed",
  "verdict.not_verified": "Not verified",

  "hunk.pending": "Pending",
  "hunk.accepted": "Accepted",
  "hunk.in_buffer": "In the editor, not saved",
  "hunk.on_disk": "Accepted",
  "hunk.rejected": "Rejected",
  "hunk.conflicted": "Conflict",
  "hunk.reverted": "Undone",

  "severity.info": "Note",
  "severity.minor": "Minor",
  "severity.major": "Major",
  "severity.critical": "Critical",

  "autonomy.suggest": "Suggest",
  "autonomy.ask": "Ask",
  "autonomy.auto": "Auto",

  "failure.title": "That did not work",
  "failure.offline": "The hub is not connected",
  "failure.id": "Find it in the logs by {id}",
  "failure.missing": "There is no such session",
  "failure.missing.text": "It may have been deleted, here or by another client.",
  "away.title": "Not while the hub is away",
  loading: "Loading",
  unknown: "unknown",
  external: "(opens another site)",
  image: "Image: {alt}",
  "steps.count": { one: "{n} step", other: "{n} steps" },
  "sort.by": "Sort by {name}",
} as const satisfies Catalogue;

export const tShared = speak(shared);
export const wordShared = speakWord(shared);
