/** What `show table` of HAProxy's socket says, as rows. */

export interface TableRow {
  readonly key: string;
  /** What is left of its life, in milliseconds. */
  readonly expiresIn: number;
  /** By the name HAProxy shows, a rate's period apart; of a server its name. */
  readonly values: Readonly<Record<string, string>>;
}

/** By key. */
export type TableRows = ReadonlyMap<string, TableRow>;

/**
 * Reads `0x5570852d6e70: key=127.0.0.1 use=0 exp=118029 server_id=2 server_key=s2 gpc0_rate(600000)=2`. Lines that are no
 * rows, such as the head, are left out.
 */
export function readTableRows(text: string): TableRows {
  const rows = text.split('\n').flatMap((line) => {
    const [, key, expiresIn, values] = ROW.exec(line) ?? [];
    return key === undefined ? [] : [{ key, expiresIn: Number(expiresIn), values: pairs(values) }];
  });
  return new Map(rows.map((row) => [row.key, row]));
}

/** How many rows each table has, as `show table` without a name says: `# table: t1, type: ip, size:102400, used:1`. */
export function readTableSizes(text: string): ReadonlyMap<string, number> {
  return new Map(
    [...text.matchAll(SIZE)].map(([, name, used]) => [name ?? '', Number(used)] as const),
  );
}

function pairs(text: string | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...(text ?? '').matchAll(VALUE)].map(([, name, value]) => [name ?? '', value ?? '']),
  );
}

const ROW = /^0x[0-9a-f]+: key=(\S*) use=\d+ exp=(\d+)(.*)$/u;
const SIZE = /^# table: ([^,]+), .*used:(\d+)$/gmu;
const VALUE = / (\w+)(?:\(\d+\))?=(\S*)/gu;
