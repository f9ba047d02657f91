/** vipair as a program of its own: what was built, where that is as new as its sources, for it starts in half the time. */
import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export function vipairProgram(): readonly [string, ...string[]] {
  return isFresh()
    ? [process.execPath, BUILT]
    : [process.execPath, '--import', 'tsx', `${SOURCES}/main.ts`];
}

function isFresh(): boolean {
  const built = statSync(BUILT, { throwIfNoEntry: false })?.mtimeMs;
  return (
    built !== undefined &&
    readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).every(
      (file) => statSync(`${SOURCES}/${file}`).mtimeMs <= built,
    )
  );
}

const BUILT = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));
