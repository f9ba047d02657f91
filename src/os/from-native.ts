/** How our code is entered from a native addon: a throw there would abort the process before anyone could log it. */

/**
 * Runs `callback`. A broken assumption in it is thrown again from the event loop, where it ends the
 * process the ordinary way: with its stack, through `uncaughtException`.
 */
export function fromNative(callback: () => void): void {
  try {
    callback();
  } catch (broken) {
    setImmediate(() => {
      throw broken;
    });
  }
}
