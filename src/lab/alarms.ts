/** What a lab's daemons complained of, in the order they did. */
import { readFileSync } from 'node:fs';
import type { LabNode } from './node.js';

/** How much of a log there is: what follows is new. */
export function logMark({ files }: LabNode): number {
  return contents(files.engineLog).length;
}

/** Each alarm once; keepalived writes no such lines, and so has none. */
export function alarmsSince({ files, name }: LabNode, mark: number): readonly string[] {
  const lines = contents(files.engineLog).slice(mark).split('\n');
  const alarms = lines.flatMap((line) => {
    const event = alarmIn(line);
    return event === undefined ? [] : [`${name}: ${event}`];
  });
  return [...new Set(alarms)];
}

/** The event of a line that is a warning or worse. */
export function alarmIn(line: string): string | undefined {
  try {
    const entry: unknown = line.startsWith('{') ? JSON.parse(line) : undefined;
    const isEntry = typeof entry === 'object' && entry !== null;
    const { level, event } = isEntry ? (entry as Readonly<Record<string, unknown>>) : {};
    const isAlarm = level === 'warn' || level === 'error';
    return isAlarm && typeof event === 'string' ? event : undefined;
  } catch {
    // The last line may be half written.
    return undefined;
  }
}

function contents(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
