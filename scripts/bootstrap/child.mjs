import { spawn } from "node:child_process";

/**
 * Runs a program to its end and keeps the last of what it says. When we are told to stop, it is told too.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, shell?: boolean, begun: (pid: number) => void }} options
 * @returns {Promise<{ code: number, output: string }>}
 */
export function capture(command, args, { begun, ...options }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    if (child.pid) begun(child.pid);
    let output = "";
    const keep = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk).slice(-8_000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);

    /** @type {NodeJS.Signals | undefined} */
    let stoppedBy;
    const stop = (/** @type {NodeJS.Signals} */ signal) => {
      stoppedBy = signal;
      child.kill(signal);
    };
    /** @type {NodeJS.Signals[]} */
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    for (const signal of signals) process.on(signal, stop);
    const end = (/** @type {number} */ code, says = output) => {
      for (const signal of signals) process.off(signal, stop);
      if (stoppedBy) process.kill(process.pid, stoppedBy);
      resolve({ code, output: says });
    };
    child.once("error", (cause) => end(1, `${command} does not start: ${cause.message}`));
    child.once("close", (code) => end(code ?? 1));
  });
}
