/**
 * The kinds of value a configuration file has. The message of each is what was expected, whichever way a value fails.
 */
import { z } from 'zod';
import type { Cidr, Ip } from '../../base/ip.js';
import type { Result } from '../../base/result.js';
import type { Millis } from '../../base/time.js';
import { AN_ADDRESS, A_CIDR, readAddress, readCidr } from '../address-text.js';
import type { Reader } from '../draft.js';
import { A_DURATION, DURATION_PATTERN, formatDuration, parseDuration } from '../duration.js';
import { listKeys } from '../shape-findings.js';

/** PATH_MAX is 4096, the last of them zero. */
export const PATH_BYTES = 4095;
/** `sun_path` has 108, the last of them zero (unix(7)). */
export const SOCKET_PATH_BYTES = 107;

/** A mapping with these keys and no others. */
export function mapping<Shape extends z.core.$ZodShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  const keys = listKeys(Object.keys(shape));
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? keys : `a mapping (keys: ${keys})`),
  });
}

export function listOf<Item extends z.ZodType>(
  item: Item,
  size: { readonly from: number; readonly to: number; readonly of: string },
): z.ZodArray<Item> {
  const expected = `a list of ${String(size.from)} to ${String(size.to)} ${size.of}`;
  return z.array(item, { error: expected }).min(size.from, expected).max(size.to, expected);
}

export function oneOf<const Word extends string>(
  words: readonly Word[],
): z.ZodEnum<{ [Each in Word]: Each }> {
  return z.enum(words, { error: words.join(' or ') });
}

export function wholeNumber(
  what: string,
  range: { readonly from: number; readonly to: number },
): z.ZodInt {
  const expected = `${what} from ${String(range.from)} to ${String(range.to)}`;
  return z.int({ error: expected }).min(range.from, expected).max(range.to, expected);
}

export function matching(pattern: RegExp, expected: string): z.ZodString {
  return z
    .string({ error: expected })
    .regex(pattern, { error: expected })
    .meta({ $comment: expected });
}

/** Of a script that looks at something; no shell reads them. */
export const scriptArguments: z.ZodArray<z.ZodString> = listOf(
  // eslint-disable-next-line no-control-regex -- an argument ends at a zero.
  matching(/^[^\u0000]{0,1024}$/u, 'an argument of at most 1024 characters'),
  { from: 0, to: 32, of: 'arguments' },
);

export const userName: z.ZodString = matching(/^[a-z_][a-z0-9_.-]{0,31}$/iu, 'the name of a user');

export function absolutePath(limit: { readonly atMost: number }): z.ZodString {
  const expected = `an absolute path of at most ${String(limit.atMost)} bytes, without a slash at its end`;
  // eslint-disable-next-line no-control-regex -- a path ends at a zero, and a line break in one is a mistake.
  return matching(/^(?:\/[^/\u0000-\u001f]+)+$/u, expected).refine(
    (path) => new TextEncoder().encode(path).length <= limit.atMost,
    { error: expected },
  );
}

/** A text that stands for something else. */
export function converted<Value>(
  read: (text: string) => Result<Value, string>,
  expected: string,
): z.ZodPipe<z.ZodString, z.ZodTransform<Awaited<Value>, string>> {
  const plain = z.string({ error: expected }).meta({ $comment: expected });
  return plain.transform((text, context) => {
    const value = read(text);
    if (value.ok) {
      return value.value;
    }
    context.addIssue({ code: 'custom', message: value.error });
    return z.NEVER;
  });
}

export function durationBetween(limits: {
  readonly from: Millis;
  readonly to: Millis;
  /** Only whole multiples of it. */
  readonly step?: Millis;
}): z.ZodPipe<z.ZodString, z.ZodTransform<Millis, string>> {
  const range = `a duration from ${formatDuration(limits.from)} to ${formatDuration(limits.to)}`;
  const steps = limits.step === undefined ? '' : `, in steps of ${formatDuration(limits.step)}`;
  const text = matching(DURATION_PATTERN, A_DURATION).meta({ $comment: `${range}${steps}` });
  return text.transform((value, context) => {
    const duration = parseDuration(value);
    const fits =
      duration.ok &&
      duration.value >= limits.from &&
      duration.value <= limits.to &&
      (limits.step === undefined || duration.value % limits.step === 0);
    if (fits) {
      return duration.value;
    }
    context.addIssue({ code: 'custom', message: `${range}${steps}` });
    return z.NEVER;
  });
}

/** Reads one value apart from all others. */
export function reader<Value>(field: z.ZodType<Value>): Reader<Value> {
  return (value) => field.safeParse(value).data;
}

export const name: z.ZodString = matching(
  /^[a-z0-9][a-z0-9-]{0,31}$/u,
  'a name of at most 32 lower-case letters, digits and hyphens',
);
// The kernel keeps 16 bytes for a name, the last of them zero, and forbids these characters (dev_valid_name).
export const interfaceName: z.ZodString = matching(
  /^(?!\.{1,2}$)[^\s/:]{1,15}$/u,
  'an interface name of at most 15 characters, such as eth0',
);
export const address: z.ZodType<Ip> = converted(readAddress, AN_ADDRESS);
export const cidr: z.ZodType<Cidr> = converted(readCidr, A_CIDR);
