// Makes the extension's own environment with uv or pip. Every program it starts can be cancelled, and a failure
// carries what the program said.

import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { findOnPath, programIn } from "./locate";

const STEP_TIMEOUT_MS = 15 * 60_000;
const KEPT_OUTPUT = 4_000;

export interface Installation {
  /** The folder of the environment; it is replaced when it is there. */
  environment: string;
  /** What is installed: a name with an optional version, or the path of a wheel. */
  package: string;
  /** The interpreter to make it from; empty looks on the search path. */
  python: string;
  searchPath: string;
  windows: boolean;
  signal: AbortSignal;
  onStep(step: "making" | "installing" | "checking"): void;
  onOutput(line: string): void;
}

export class InstallationFailed extends Error {
  readonly reason: "no_python" | "old_python" | "failed" | "cancelled";
  readonly output: string;

  constructor(reason: InstallationFailed["reason"], message: string, output = "") {
    super(message);
    this.reason = reason;
    this.output = output;
  }
}

/** The path of the installed program. Raises InstallationFailed; what was half made is removed. */
export async function install(wanted: Installation): Promise<string> {
  const python = await interpreter(wanted);
  const uv = await findOnPath("uv", wanted.searchPath, wanted.windows);
  try {
    await rm(wanted.environment, { recursive: true, force: true });
    for (const step of steps(wanted, python, uv)) {
      wanted.onStep(step.name);
      await run(wanted, step.command);
    }
  } catch (failure) {
    await rm(wanted.environment, { recursive: true, force: true });
    throw failure;
  }
  return programIn(wanted.environment, "draftsmith", wanted.windows);
}

interface Step {
  name: "making" | "installing" | "checking";
  command: string[];
}

export function steps(
  wanted: Pick<Installation, "environment" | "package" | "windows">,
  python: string,
  uv: string | undefined,
): Step[] {
  const inside = programIn(wanted.environment, "python", wanted.windows);
  const making =
    uv === undefined
      ? [python, "-m", "venv", wanted.environment]
      : [uv, "venv", "--python", python, wanted.environment];
  const pip = [inside, "-m", "pip", "install", "--disable-pip-version-check", "--only-binary", ":all:"];
  const installing =
    uv === undefined
      ? [...pip, wanted.package]
      : [uv, "pip", "install", "--only-binary", ":all:", "--python", inside, wanted.package];
  return [
    { name: "making", command: making },
    { name: "installing", command: installing },
    { name: "checking", command: [programIn(wanted.environment, "draftsmith", wanted.windows), "--version"] },
  ];
}

async function interpreter(wanted: Installation): Promise<string> {
  const candidates = wanted.python === "" ? await interpretersOnPath(wanted) : [wanted.python];
  for (const candidate of candidates) {
    if (await isRecent(wanted, candidate)) return candidate;
  }
  if (candidates.length === 0) throw new InstallationFailed("no_python", "");
  throw new InstallationFailed("old_python", candidates.join(", "));
}

async function interpretersOnPath(wanted: Installation): Promise<string[]> {
  const names = ["python3", "python", "python3.13", "python3.12", "python3.11"];
  const found = await Promise.all(names.map((name) => findOnPath(name, wanted.searchPath, wanted.windows)));
  return [...new Set(found.filter((path) => path !== undefined))];
}

async function isRecent(wanted: Installation, python: string): Promise<boolean> {
  const probe = "import sys; sys.exit(0 if sys.version_info >= (3, 11) else 3)";
  try {
    await run({ ...wanted, onOutput: () => undefined }, [python, "-c", probe]);
    return true;
  } catch (failure) {
    if (failure instanceof InstallationFailed && failure.reason === "cancelled") throw failure;
    return false;
  }
}

function run(wanted: Installation, command: string[]): Promise<void> {
  const [program = "", ...rest] = command;
  wanted.onOutput(`> ${command.join(" ")}`);
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      stdio: ["ignore", "pipe", "pipe"],
      signal: wanted.signal,
      timeout: STEP_TIMEOUT_MS,
      env: { ...process.env, PYTHONNOUSERSITE: "1" },
    });
    let kept = "";
    const take = (piece: Buffer): void => {
      const text = piece.toString("utf8");
      kept = (kept + text).slice(-KEPT_OUTPUT);
      for (const line of text.split(/\r?\n/).filter((one) => one !== "")) wanted.onOutput(line);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => {
      const reason = wanted.signal.aborted ? "cancelled" : "failed";
      reject(new InstallationFailed(reason, `${program}: ${error.message}`, kept));
    });
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new InstallationFailed(wanted.signal.aborted ? "cancelled" : "failed", command.join(" "), kept));
    });
  });
}
