/** Prints vipair(8) in mdoc, made of what the commands say of themselves: `node systemd/package/manual.mjs VERSION`. */
import { execFileSync } from 'node:child_process';

const PROGRAM = new URL('../../dist/main.js', import.meta.url).pathname;
/** Deeper than any command is. */
const DEPTH = 3;

const [version = ''] = process.argv.slice(2);

/** What `--help` prints, as sections: usage, story, and the lists under their headings. */
function help(words) {
  const text = execFileSync(process.execPath, [PROGRAM, ...words, '--help'], { encoding: 'utf8' });
  const [usage = '', story = '', ...rest] = text.trim().split('\n\n');
  const lists = new Map(
    rest.map((each) => {
      const [heading = '', ...lines] = each.split('\n');
      return [heading.replace(/:$/u, ''), lines.map((line) => line.trim())];
    }),
  );
  return { usage, story, lists };
}

/** A leading dot or quote would be a request, a backslash an escape. */
function plain(text) {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-');
  return /^[.']/u.test(escaped) ? `\\&${escaped}` : escaped;
}

function pairs(lines) {
  return lines.map((line) => {
    const [, name = line, story = ''] = /^(.*?\S)(?:\s{2,}(.*))?$/u.exec(line) ?? [];
    return [name, story.replaceAll(/\s{2,}/gu, ' ')];
  });
}

function list(lines) {
  const items = pairs(lines).filter(([name]) => !/^(?:--version|-h, --help)/u.test(name));
  return items.flatMap(([name, story]) => ['.TP', `.B ${plain(name)}`, plain(story)]);
}

/** Everything about a command, and then about those below it. */
function describe(words, depth) {
  const { usage, story, lists } = help(words);
  const below = pairs(lists.get('Commands') ?? []).map(([usageBelow]) => usageBelow.split(' ')[words.length + 1]);
  const own = ['Positionals', 'Options', 'Examples'].flatMap((each) => list(lists.get(each) ?? []));
  const about = words.length === 0 ? [] : ['.SS ' + plain(usage), plain(story), ...own];
  const names = [...new Set(below)].filter((each) => each !== undefined && each !== 'completion');
  return depth === 0 ? about : [...about, ...names.flatMap((each) => describe([...words, each], depth - 1))];
}

const lines = [
  `.TH VIPAIR 8 "" "vipair ${version}" "System administration"`,
  '.SH NAME',
  'vipair \\- two nodes, one virtual address, a proxy that survives',
  '.SH SYNOPSIS',
  '.B vipair',
  '.I command',
  '[options]',
  '.SH DESCRIPTION',
  'On each of two nodes one daemon elects a master with VRRP, claims the virtual addresses, supervises HAProxy, and can be',
  'restarted or upgraded without losing a request. The commands ask the daemon of the node they are run on.',
  '.SH COMMANDS',
  ...describe([], DEPTH),
  '.SH SIGNALS',
  ...list([
    "SIGTERM  ends the node's duty: the addresses go to the other node (systemctl stop)",
    'SIGUSR2  hands over to the next daemon: nothing moves (systemctl restart)',
    'SIGHUP  reads the configuration file again (systemctl reload)',
  ]),
  '.SH EXIT STATUS',
  ...list([
    '0  done, or true',
    '1  tried, and failed or undone',
    '2  the command line is wrong',
    '3  the configuration file is wrong',
    '4  no daemon answers',
    '5  the daemon refused',
    '6  the daemon cannot start here',
    '7  the doctor found something that a person must mend',
  ]),
  '.SH FILES',
  ...list([
    '/etc/vipair/vipair.yaml  the configuration, the same on both nodes',
    '/run/vipair  sockets and the state of a running daemon',
    '/var/lib/vipair  what outlives it: history and intents',
  ]),
  '.SH SEE ALSO',
  '/usr/share/doc/vipair/installing.md, /usr/share/doc/vipair/operating.md,',
  '.BR haproxy (1),',
  '.BR systemctl (1)',
];
process.stdout.write(`${lines.join('\n')}\n`);
