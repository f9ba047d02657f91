/** haproxy.cfg by sections, as far as stick tables are concerned: who has them, who tells whom of them, and which servers they name. */
import type { TextLine } from './haproxy-text.js';

export interface Section {
  /** Such as `backend`. */
  readonly kind: string;
  /** Empty of `global`. */
  readonly name: string;
  readonly lines: readonly SectionLine[];
}

export interface SectionLine {
  readonly number: number | undefined;
  /** Without quotes. */
  readonly words: readonly string[];
}

/** A stick table, by the name that HAProxy gives it to its peers. */
export interface DeclaredTable {
  readonly name: string;
  readonly line: number | undefined;
  /** The peers section that it is told to; undefined: nobody. */
  readonly peers: string | undefined;
}

/** What `global` says of the process. */
export interface ProcessFacts {
  readonly user: string | undefined;
  readonly group: string | undefined;
  readonly chroot: string | undefined;
  readonly localPeer: string | undefined;
}

/** The servers of a backend with a stick table: a row names one of them. */
export interface PersistentServers {
  readonly backend: string;
  readonly servers: readonly { readonly name: string; readonly id: number }[];
}

/** In the order of the file. A line before the first section belongs to none. */
export function sectionsOf(lines: readonly TextLine[]): readonly Section[] {
  const sections: { kind: string; name: string; lines: SectionLine[] }[] = [];
  for (const { number, text } of lines) {
    const words = text.split(' ').map((word) => word.replaceAll(/(?<!\\)["']/gu, ''));
    const [first = '', second = ''] = words;
    if (SECTIONS.has(first)) {
      sections.push({ kind: first, name: second, lines: [] });
    } else {
      sections.at(-1)?.lines.push({ number, words });
    }
  }
  return sections;
}

/** The last word counts, as HAProxy has it. */
export function processFacts(sections: readonly Section[]): ProcessFacts {
  const said = new Map<string, string>();
  for (const { words } of sections.filter(({ kind }) => kind === 'global').flatMap(linesOf)) {
    const [key = '', value] = words;
    if (value !== undefined) {
      said.set(key, value);
    }
  }
  return {
    user: said.get('user') ?? said.get('uid'),
    group: said.get('group') ?? said.get('gid'),
    chroot: said.get('chroot'),
    localPeer: said.get('localpeer'),
  };
}

/** Of proxies, and of `table` lines in peers sections, which are told to the peers of their own section. */
export function declaredTables(sections: readonly Section[]): readonly DeclaredTable[] {
  return sections.flatMap(({ kind, name, lines }) =>
    lines.flatMap(({ number, words }) => {
      const [key, second = ''] = words;
      if (kind === 'peers' && key === 'table') {
        return [{ name: `/${second}`, line: number, peers: name }];
      }
      const peers = words[words.indexOf('peers') + 1];
      const isTold = words.includes('peers') && peers !== undefined;
      return PROXIES.has(kind) && key === 'stick-table'
        ? [{ name, line: number, peers: isTold ? peers : undefined }]
        : [];
    }),
  );
}

/**
 * Of backends in which clients stick to a server: rows name it, and where the other node has no server of that name, HAProxy
 * takes the one of that id.
 */
export function persistentServers(sections: readonly Section[]): readonly PersistentServers[] {
  return sections.flatMap(({ kind, name, lines }) => {
    const sticks = lines.some(({ words }) => words[0] === 'stick');
    return (kind === 'backend' || kind === 'listen') && sticks
      ? [{ backend: name, servers: serversOf(lines) }]
      : [];
  });
}

/** An id that is not given is the least that is free when the line is read (HAProxy's configuration manual, 5.2). */
function serversOf(lines: readonly SectionLine[]): PersistentServers['servers'] {
  const declared = lines.filter(({ words }) => words[0] === 'server').map(({ words }) => words);
  const given = declared.map((words) => Number(words[words.indexOf('id', 2) + 1]));
  const taken = new Set(given.filter((id) => Number.isSafeInteger(id)));
  let free = 1;
  return declared.map((words, index) => {
    const name = words[1] ?? '';
    const id = given[index];
    if (words.includes('id', 2) && id !== undefined && Number.isSafeInteger(id)) {
      return { name, id };
    }
    while (taken.has(free)) {
      free += 1;
    }
    taken.add(free);
    return { name, id: free };
  });
}

function linesOf({ lines }: Section): readonly SectionLine[] {
  return lines;
}

const SECTIONS: ReadonlySet<string> = new Set([
  ...['global', 'defaults', 'frontend', 'backend', 'listen', 'peers', 'resolvers', 'mailers'],
  ...['userlist', 'program', 'cache', 'http-errors', 'ring', 'fcgi-app', 'log-forward'],
  ...['crt-store', 'traces', 'acme', 'log-profile'],
]);
const PROXIES: ReadonlySet<string> = new Set(['frontend', 'backend', 'listen']);
