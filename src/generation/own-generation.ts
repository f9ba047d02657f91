/** What this node runs and has in its files, as far as the other node should have the same. */
import { createHash } from 'node:crypto';
import type { ConfigLine } from '../config/config-lines.js';
import type { GenerationItem } from '../core/generation.js';
import type { TextLine } from '../core/haproxy-text.js';
import type { PersistentServers } from '../core/haproxy-sections.js';
import { persistentServers, sectionsOf } from '../core/haproxy-sections.js';
import { certificatePaths, haproxyLines } from '../core/haproxy-text.js';
import type { CommonFiles } from '../ports/common-files.js';
import { SERVERS_OF } from '../telemetry/generation.js';
import type { FileFailure } from '../ports/files.js';
import type { Sysctls } from '../ports/sysctl.js';
import type { Result } from '../base/result.js';

export interface Sources {
  /** Of vipair. */
  readonly version: string;
  /** Of the configuration that runs. */
  readonly lines: readonly ConfigLine[];
  readonly proxy: { readonly program: string; readonly config: string } | undefined;
  /** Kernel settings by name. */
  readonly settings: readonly string[];
}

export interface SourcePorts {
  readonly commonFiles: CommonFiles;
  readonly sysctls: Sysctls;
}

export const VIPAIR_YAML = 'vipair.yaml';
export const HAPROXY_CFG = 'haproxy.cfg';

export class OwnGeneration {
  readonly #ports: SourcePorts;
  #sources: Sources;
  #stamps: readonly string[] = [];
  /** What lies in the proxy's files. */
  #proxy: ProxyFiles = NO_PROXY;
  #items: readonly GenerationItem[] = [];

  constructor(sources: Sources, ports: SourcePorts) {
    this.#sources = sources;
    this.#ports = ports;
  }

  /** As of the last look. */
  get items(): readonly GenerationItem[] {
    return this.#items;
  }

  /** The lines of a text; none of what is no text. */
  linesOf(name: string): readonly TextLine[] {
    if (name === VIPAIR_YAML) {
      return this.#sources.lines.map(({ path, value }) => ({
        number: undefined,
        text: `${path}: ${value}`,
      }));
    }
    return name === HAPROXY_CFG ? this.#proxy.lines : [];
  }

  /** Another configuration runs. */
  become(lines: readonly ConfigLine[]): void {
    this.#sources = { ...this.#sources, lines };
  }

  /** Files are read only where something has happened to them. */
  async look(): Promise<void> {
    const { proxy, version, settings } = this.#sources;
    if (proxy !== undefined) {
      await this.#lookAtProxy(proxy);
    }
    const values: GenerationItem[] = [];
    for (const name of settings) {
      const value = await this.#ports.sysctls.read(name);
      values.push(asItem(name, value.ok ? value.value : `unreadable, ${value.error.code}`));
    }
    this.#items = [
      { name: VIPAIR_YAML, value: digestOf(this.linesOf(VIPAIR_YAML)), kind: 'text' },
      ...this.#proxy.items,
      asItem('vipair', version),
      ...values,
    ];
  }

  async #lookAtProxy(proxy: NonNullable<Sources['proxy']>): Promise<void> {
    const paths = [proxy.config, proxy.program, ...this.#proxy.certificates];
    const stamps = await this.#stampsOf(paths);
    if (stamps.join() === this.#stamps.join()) {
      return;
    }
    this.#proxy = await readProxy(proxy, this.#ports.commonFiles);
    // Of what is named now; a change while it was read is seen at the next look.
    this.#stamps = [...stamps.slice(0, 2), ...(await this.#stampsOf(this.#proxy.certificates))];
  }

  async #stampsOf(paths: readonly string[]): Promise<readonly string[]> {
    const stamps: string[] = [];
    for (const path of paths) {
      stamps.push(await this.#ports.commonFiles.stamp(path));
    }
    return stamps;
  }
}

interface ProxyFiles {
  readonly lines: readonly TextLine[];
  readonly certificates: readonly string[];
  readonly items: readonly GenerationItem[];
}

const NO_PROXY: ProxyFiles = { lines: [], certificates: [], items: [] };

async function readProxy(
  { config, program }: NonNullable<Sources['proxy']>,
  files: CommonFiles,
): Promise<ProxyFiles> {
  const text = await files.readText(config);
  const lines = text.ok ? haproxyLines(text.value) : [];
  const certificates = certificatePaths(lines);
  const fingerprints: GenerationItem[] = [];
  for (const path of certificates) {
    fingerprints.push(asItem(`certificate ${path}`, inWords(await files.fingerprint(path))));
  }
  return {
    lines,
    certificates,
    items: [
      { name: HAPROXY_CFG, value: text.ok ? digestOf(lines) : text.error.code, kind: 'text' },
      ...persistentServers(sectionsOf(lines)).slice(0, MOST_BACKENDS).map(asServers),
      ...fingerprints,
      asItem('HAProxy', inWords(await files.versionOf(program))),
    ],
  };
}

/** Rows of stick tables name a server: with other names or ids on the other node they would name another one there. */
function asServers({ backend, servers }: PersistentServers): GenerationItem {
  const text = servers.map(({ name, id }) => `${name} (id ${String(id)})`).join(', ');
  const value = text.length <= MOST_VALUE ? text : `${text.slice(0, MOST_VALUE)}… ${sha256(text)}`;
  return asItem(`${SERVERS_OF}${backend}`, value);
}

function inWords(read: Result<string, FileFailure>): string {
  return read.ok ? read.value : read.error.code;
}

function asItem(name: string, value: string): GenerationItem {
  return { name: name.slice(0, MOST_NAME), value, kind: 'value' };
}

function digestOf(lines: readonly TextLine[]): string {
  return sha256(lines.map(({ text }) => text).join('\n'));
}

/** Two different lines are taken for the same once in four thousand million times, and then the file is still told. */
export function shortDigests(lines: readonly TextLine[]): readonly string[] {
  return lines.map(({ text }) => sha256(text).slice(0, 8));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const MOST_NAME = 200;
/** A value that is said has 300 characters at the most, and a digest has 64 of them. */
const MOST_VALUE = 200;
/** Of those in which clients stick to a server; the lines of haproxy.cfg are compared in any case. */
const MOST_BACKENDS = 60;
