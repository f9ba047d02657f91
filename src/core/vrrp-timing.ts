/** The two timers of a VRRP backup (RFC 9568 §6.1). Exact, without the RFC's rounding to hundredths: at 10 ms that matters. */
import type { Millis } from '../base/time.js';
import { scale, sum } from '../base/time.js';

/** Skew_Time: how much longer a backup of low priority waits (RFC 9568 §6.1). */
export function skewTime(priority: number, masterInterval: Millis): Millis {
  return scale(masterInterval, (256 - priority) / 256);
}

/** Active_Down_Interval: how long a master must be silent before a backup takes over (RFC 9568 §6.1). */
export function masterDownInterval(priority: number, masterInterval: Millis): Millis {
  return sum(scale(masterInterval, ADVERTS_MISSED), skewTime(priority, masterInterval));
}

/** How many advertisements a backup lets pass before its skew begins (RFC 9568 §6.1). */
export const ADVERTS_MISSED = 3;
