/**
 * One line for people. Standard output belongs to the program that is being started.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`polylogue: ${line}\n`);
}

/**
 * Shows that something goes on until the returned function is called: in place on a terminal, else a line now and then.
 * @param {() => string} describe what has been reached, asked for each time
 * @returns {() => void}
 */
export function showProgress(describe) {
  const started = Date.now();
  const onTerminal = process.stderr.isTTY;
  const timer = setInterval(
    () => {
      const line = `  ${describe()} (${Math.round((Date.now() - started) / 1000)} s)`;
      process.stderr.write(onTerminal ? `\r\u001b[2K${line}` : `${line}\n`);
    },
    onTerminal ? 200 : 5_000,
  );
  return () => {
    clearInterval(timer);
    if (onTerminal) process.stderr.write("\r\u001b[2K");
  };
}
