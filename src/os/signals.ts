/** The signals a service manager sends, as words. */
import type { StopMode } from '../core/node.js';

/**
 * SIGTERM and SIGINT end this node's duty; SIGUSR2 ends this daemon only, and the next one takes its place. (SIGUSR1 is Node's own: it would open a debugger.)
 */
export function onStop(stop: (mode: StopMode) => void): void {
  process.on('SIGTERM', () => {
    stop('release');
  });
  process.on('SIGINT', () => {
    stop('release');
  });
  process.on('SIGUSR2', () => {
    stop('hand-over');
  });
  // Until the daemon can reload: a closed terminal ends nothing.
  process.on('SIGHUP', () => undefined);
}

/** SIGHUP asks for the configuration file to be read again. */
export function onReload(reload: () => void): void {
  process.on('SIGHUP', reload);
}
