/** `npm run transcripts`: writes every transcript anew, and says which changed. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { filesOf, orphans } from './files.js';

let changed = 0;
const say = (what: string, path: string): void => {
  changed += 1;
  console.log(`${what.padEnd(8)} ${path}`);
};
for (const { path, text } of filesOf()) {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  if (before !== text) {
    writeFileSync(path, text);
    say(before === undefined ? 'new' : 'changed', path);
  }
}
for (const path of orphans()) {
  rmSync(path);
  say('removed', path);
}
console.log(
  changed === 0 ? 'Every transcript is as it was.' : 'Read the differences before you commit them.',
);
