/** What a machine has that a lab could leave behind: before and after must be the same. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { LABS_DIRECTORY } from '../state-directory.js';

export type MachinePicture = ReadonlySet<string>;

/** Each thing in a few words. */
export function pictureOfMachine(): MachinePicture {
  return new Set([
    ...listed('/run/netns').map((name) => `network namespace ${name}`),
    ...listed(LABS_DIRECTORY).map((name) => `files of lab ${name}`),
    ...links().map((name) => `interface ${name}`),
    ...mounts().map((path) => `mount ${path}`),
    ...tables().map((name) => `nft ${name}`),
    ...processes(),
  ]);
}

/** What came into being since. */
export function leftSince(before: MachinePicture, after: MachinePicture): readonly string[] {
  return [...after].filter((each) => !before.has(each));
}

function listed(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}

function links(): readonly string[] {
  return listed('/sys/class/net');
}

function mounts(): readonly string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .flatMap((line) => line.split(' ')[1] ?? [])
    .filter((path) => path.startsWith(LABS_DIRECTORY));
}

function tables(): readonly string[] {
  return execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '');
}

/** Of ours and of HAProxy: the words that they were started with. */
function processes(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return OURS.test(words) ? [`process ${pid}: ${words.slice(0, MOST_CHARACTERS)}`] : [];
      } catch {
        return [];
      }
    });
}

const OURS = /dist\/main\.js (?:daemon|flow-replicator|replicator|probe|drill|lab-w)|^haproxy /u;
const MOST_CHARACTERS = 120;
