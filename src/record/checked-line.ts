/** One line on the disk: JSON and the checksum of its text, so that a line that was cut off or damaged is known for what it is. */
import { createHash } from 'node:crypto';

/** Without the line's end. */
export function checkedLine(value: object): string {
  const text = JSON.stringify(value);
  return `{"sum":"${checksum(text)}","entry":${text}}`;
}

/** Undefined where the line is damaged. What passes was written by a vipair, of whatever version. */
export function readCheckedLine(line: string): unknown {
  const [, sum, text] = FORM.exec(line) ?? [];
  return sum === undefined || text === undefined || checksum(text) !== sum
    ? undefined
    : // Its checksum is that of a text which JSON.stringify wrote.
      JSON.parse(text);
}

/** Against accidents, not against those who may write to the directory. */
function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, SUM_DIGITS);
}

const SUM_DIGITS = 12;
const FORM = /^\{"sum":"([0-9a-f]{12})","entry":(\{.*\})\}$/u;
