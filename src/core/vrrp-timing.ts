/** The two timers of a VRRP backup (RFC 9568 §6.1). Exact, without the RFC's rounding to hundredths: at 10 ms that matters. */
import type { Millis } from '../base/time.js';
import { millis, scale, sum } from '../base/time.js';

/** Whose timers count: version 3 scales its skew with the interval, version 2 does not. */
export interface Speaker {
  readonly version: 2 | 3;
  readonly priority: number;
}

/** Skew_Time: how much longer a backup of low priority waits (RFC 9568 §6.1; RFC 3768 §6.1: of a second, always). */
export function skewTime({ version, priority }: Speaker, masterInterval: Millis): Millis {
  return scale(version === 2 ? A_SECOND : masterInterval, (256 - priority) / 256);
}

/** Active_Down_Interval: how long a master must be silent before a backup takes over (RFC 9568 §6.1). */
export function masterDownInterval(speaker: Speaker, masterInterval: Millis): Millis {
  return sum(scale(masterInterval, ADVERTS_MISSED), skewTime(speaker, masterInterval));
}

const A_SECOND = millis(1000);

/** How many advertisements a backup lets pass before its skew begins (RFC 9568 §6.1). */
export const ADVERTS_MISSED = 3;
