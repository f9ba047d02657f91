/** Writes, reads and removes a lab's files. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { haproxyConfig } from './haproxy-config.js';
import { keepalivedConfig } from './keepalived-config.js';
import type { LabSettings } from './settings.js';
import { keyFile, LABS_DIRECTORY, labDirectory, nodeFiles, recordFile } from './state-directory.js';
import type { LabName } from './topology.js';
import { NODE_NAMES } from './topology.js';
import { vipairConfig } from './vipair-config.js';

/** `taken` when somebody else made the directory first: of two that raise the same lab, one gives way. */
export function makeLabFiles(settings: LabSettings): 'made' | 'taken' {
  mkdirSync(LABS_DIRECTORY, { recursive: true });
  try {
    mkdirSync(labDirectory(settings.name));
  } catch {
    return 'taken';
  }
  for (const node of NODE_NAMES) {
    const files = nodeFiles(settings.name, node);
    mkdirSync(files.runtimeDirectory, { recursive: true });
    if (settings.stateDisk === 'own') {
      mountStateDisk(files.vipairStateDirectory);
    }
    writeFileSync(files.haproxyConfig, haproxyConfig(settings));
    writeFileSync(files.vipairConfig, vipairConfig(settings, files));
    writeFileSync(files.keepalivedConfig, keepalivedConfig(node, settings, files));
  }
  for (const [path, contents] of Object.entries(settings.furtherFiles)) {
    const file = `${labDirectory(settings.name)}/${path}`;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents, { mode: 0o600 });
  }
  if (settings.pairChannel === 'open') {
    writeFileSync(keyFile(settings.name), `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
  }
  writeFileSync(recordFile(settings.name), JSON.stringify(settings));
  return 'made';
}

/** Small, so that it is soon full; what is written before it is may not be all the memory there is. */
function mountStateDisk(directory: string): void {
  mkdirSync(directory, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${STATE_DISK_SIZE}`, 'vipair-lab', directory]);
}

/** Not mounted is success; what is busy still goes when it is not any more. */
function unmountStateDisk(directory: string): void {
  if (readFileSync('/proc/self/mounts', 'utf8').includes(` ${directory} `)) {
    execFileSync('umount', ['--lazy', directory]);
  }
}

const STATE_DISK_SIZE = '16m';

/** Nothing there is success. The directory of all labs goes with the last of them. */
export function removeLabFiles(lab: LabName): void {
  for (const node of NODE_NAMES) {
    unmountStateDisk(nodeFiles(lab, node).vipairStateDirectory);
  }
  rmSync(labDirectory(lab), { recursive: true, force: true });
}

/** The settings a lab was raised with; undefined where there is no such lab. Only root writes there: it is trusted. */
export function readRecord(lab: LabName): LabSettings | undefined {
  try {
    return JSON.parse(readFileSync(recordFile(lab), 'utf8')) as LabSettings;
  } catch {
    return undefined;
  }
}
