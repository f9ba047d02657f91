/** `vipair import`: keepalived.conf as our configuration file, and a list of what has no counterpart. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Imported, NodeSource } from '../migration/import-keepalived.js';
import { importKeepalived } from '../migration/import-keepalived.js';
import type { Remark, RemarkKind } from '../migration/remark.js';
import { formatRemark } from '../migration/remark.js';
import type { ImportAsked, SurveyAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { filesIn, findIncluded, readSource } from './import-files.js';
import { bad, doubtful, good, strong } from './paint.js';
import { renderTable } from './table.js';
import { complain, print, printJson } from './terminal.js';

export function importFiles(asked: ImportAsked): ExitCode {
  const named = sourcesNamed(asked);
  if (typeof named === 'string') {
    complain(`vipair import: ${named}`);
    return EXIT.usage;
  }
  const sources: NodeSource[] = [];
  for (const { id, name } of named) {
    const read = readSource(name);
    if (!read.ok) {
      complain(`vipair import: ${name}: ${read.error}`);
      return EXIT.configuration;
    }
    sources.push({ id, file: read.value });
  }
  const [first, second] = sources;
  if (first === undefined) {
    complain('vipair import: which file? Name that of one node, or those of both');
    return EXIT.usage;
  }
  return deliver(importKeepalived([first, second], findIncluded), asked);
}

interface Named {
  readonly id: string | undefined;
  readonly name: string;
}

/** Or else what is wrong with the command line. */
function sourcesNamed({ files, nodes }: ImportAsked): readonly Named[] | string {
  const named = nodes.map((each) => {
    const [, id = '', name = ''] = /^([^=/]+)=(.+)$/su.exec(each) ?? [];
    return { id, name };
  });
  if (named.some(({ id }) => id === '')) {
    return '--node takes NAME=FILE';
  }
  const all = [...named, ...files.map((name) => ({ id: undefined, name }))];
  return all.length > 2 ? 'a pair has two nodes, and each has one file' : all;
}

function deliver(imported: Imported, { form, output }: ImportAsked): ExitCode {
  const { verdict, yaml, remarks } = imported;
  if (yaml !== undefined && output !== undefined) {
    try {
      writeFileSync(output, yaml, { flag: 'wx' });
    } catch (error) {
      complain(`vipair import: ${reasonOf(error, output)}; nothing was written`);
      return EXIT.failed;
    }
  }
  if (form === 'json') {
    printJson({ verdict, file: output ?? null, yaml: yaml ?? null, remarks });
  } else {
    if (yaml !== undefined && output === undefined) {
      print(yaml.trimEnd());
    }
    for (const line of told(remarks)) {
      complain(line);
    }
    complain(summary(imported, output));
  }
  return CODES[verdict];
}

const CODES: Readonly<Record<Imported['verdict'], ExitCode>> = {
  fully: EXIT.ok,
  partly: EXIT.failed,
  not: EXIT.configuration,
};

/** What needs a person comes last, where it is seen. */
const ORDER: readonly RemarkKind[] = ['needless', 'guessed', 'differs', 'lost', 'fill-in'];

function told(remarks: readonly Remark[]): readonly string[] {
  return ORDER.flatMap((kind) => remarks.filter((each) => each.kind === kind).map(formatRemark));
}

function summary({ verdict, remarks }: Imported, output: string | undefined): string {
  const amount = (kind: RemarkKind): string =>
    String(remarks.filter((each) => each.kind === kind).length);
  const counts = ORDER.toReversed()
    .map((kind) => `${amount(kind)} ${kind}`)
    .join(', ');
  const where = output === undefined || verdict === 'not' ? '' : ` into ${output}`;
  return `${verdict === 'not' ? 'not converted' : `${verdict} converted${where}`} (${counts})`;
}

function reasonOf(error: unknown, file: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'EEXIST' ? `${file} is there already` : `${file}: ${String(code ?? error)}`;
}

/** `vipair import --survey`: a table of what becomes of every configuration in a directory. */
export function surveyFiles({ directory, form }: SurveyAsked): ExitCode {
  const rows = filesIn(directory)
    .filter((name) => /\.conf(?:\.|$)/u.test(name))
    .flatMap((name) => {
      const read = readSource(path.join(directory, name));
      return read.ok
        ? [
            {
              name,
              ...importKeepalived(
                [{ id: undefined, file: { ...read.value, name } }, undefined],
                findIncluded,
              ),
            },
          ]
        : [];
    });
  if (rows.length === 0) {
    complain(`vipair import: ${directory}: no file with .conf in its name`);
    return EXIT.configuration;
  }
  const total = (verdict: Imported['verdict']): string =>
    String(rows.filter((row) => row.verdict === verdict).length);
  if (form === 'json') {
    printJson(rows.map(({ name, verdict, remarks }) => ({ file: name, verdict, remarks })));
  } else {
    print(
      renderTable(
        ['FILE', 'CONVERTED', 'WHY'],
        rows.map(({ name, verdict, remarks }) => [name, PAINT[verdict](verdict), reasons(remarks)]),
      ),
    );
    print(
      strong(
        `${String(rows.length)} files: ${total('fully')} fully, ${total('partly')} partly, ${total('not')} not`,
      ),
    );
  }
  return EXIT.ok;
}

const PAINT: Readonly<Record<Imported['verdict'], (text: string) => string>> = {
  fully: good,
  partly: doubtful,
  not: bad,
};

/** The first things that are lost, each kind once. */
function reasons(remarks: readonly Remark[]): string {
  const lost = remarks.filter(({ kind }) => kind === 'lost');
  const each = lost.filter(
    ({ why }, index) => lost.findIndex((other) => other.why === why) === index,
  );
  const shown = each
    .slice(0, MOST_REASONS)
    .map(({ place, what, why }) => `${String(place.line)}: ${what.split(' ')[0] ?? ''}: ${why}`);
  const more = each.length - shown.length;
  return [...shown, ...(more > 0 ? [`… and ${String(more)} more`] : [])].join('\n');
}
const MOST_REASONS = 3;
