/** Points in time as people read them, in UTC; and how long something lasts. */

/** Unix milliseconds, such as `2026-03-02 04:11:07.214`. */
export function time(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', '');
}

/** In whole units, the two greatest: `45 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. */
export function lasting(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const hours = Math.floor(minutes / 60);
  if (minutes < 1) {
    return `${String(Math.floor(ms / 1000))} s`;
  }
  if (hours < 1) {
    return `${String(minutes)} min`;
  }
  return hours < 24
    ? `${String(hours)} h ${String(minutes % 60)} min`
    : `${String(Math.floor(hours / 24))} d ${String(hours % 24)} h`;
}
