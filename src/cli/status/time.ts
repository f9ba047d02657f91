/** Points in time as people read them, in UTC. */

/** Unix milliseconds, such as `2026-03-02 04:11:07.214`. */
export function time(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', '');
}
