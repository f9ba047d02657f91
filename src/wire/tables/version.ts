/**
 * The version of a row: when its content came to be, on the clock that both nodes keep together. One order for both
 * nodes, in one number: milliseconds in steps of 1/1024, and half a step more where the node that stamped it is the one
 * whose name sorts first. So the greater number wins, and of two nodes that stamp at one moment the smaller name.
 */

/** Of a millisecond: a million rows a second do not drive the clock ahead. */
export const VERSION_STEPS = 1024;

/** In milliseconds since 1970: up to the year 2109 such a number is exact. */
export const MOST_VERSION: number = 2 ** 42;
/** The oldest; 0 is none. */
export const LEAST_VERSION = 1;

/** Whether it can be what a node stamped, or what its clock reads. */
export function isVersion(value: number): boolean {
  return value >= LEAST_VERSION && value < MOST_VERSION;
}
