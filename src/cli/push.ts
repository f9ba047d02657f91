/** `vipair push`: files of HAProxy to the other node, and what became of them there and here. */
import { askPush, askUndoPush } from '../api/client.js';
import type {
  PushedFileReport,
  PushedSharedReport,
  PushReport,
  UndoReport,
} from '../telemetry/push.js';
import { reportFailure, socketOf } from './asking.js';
import type { PushAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { bad, doubtful, good } from './paint.js';
import { print, printJson } from './terminal.js';

export async function push({ mode, to, then, shared, ...asked }: PushAsked): Promise<ExitCode> {
  if (mode === 'undo') {
    return undo(asked);
  }
  const answer = await askPush(socketOf(asked), { mode, to, then, shared });
  if (!answer.ok) {
    return reportFailure(answer.error, asked.form);
  }
  if (asked.form === 'json') {
    printJson(answer.value);
  } else {
    print(pushInWords(answer.value));
  }
  const { outcome, shared: file } = answer.value;
  return RIGHT.has(outcome) && file?.outcome !== 'not taken over' ? EXIT.ok : EXIT.failed;
}

async function undo(asked: Omit<PushAsked, 'mode' | 'to' | 'then' | 'shared'>): Promise<ExitCode> {
  const answer = await askUndoPush(socketOf(asked));
  if (!answer.ok) {
    return reportFailure(answer.error, asked.form);
  }
  if (asked.form === 'json') {
    printJson(answer.value);
  } else {
    print(undoInWords(answer.value));
  }
  const { outcome, shared } = answer.value;
  return outcome === 'undone' && shared?.outcome !== 'not taken over' ? EXIT.ok : EXIT.failed;
}

/** Files first, then what became of them. */
export function pushInWords(report: PushReport): string {
  const { files, notSent } = report;
  const same = files.filter(({ found }) => found === 'same').length;
  return [
    ...files.filter(({ found }) => found !== 'same').flatMap((each) => fileLines(each, report)),
    ...(same === 0 ? [] : [`${String(same)} of ${String(files.length)} files are the same`]),
    ...notSent.map((path) => `${path}: named, but not pushed: it lies elsewhere`),
    outcomeLine(report),
    ...givenLines(report),
    ...sharedLines(report.shared),
  ].join('\n');
}

function fileLines(
  { path, found, holds, certificates, lines }: PushedFileReport,
  { peer }: PushReport,
): readonly string[] {
  const what = found === 'absent' ? `is not on ${peer}` : `differs on ${peer}`;
  const secret = holds === 'a key' ? ' (it holds a private key, which is not shown)' : '';
  return [
    `${path} ${what}${secret}`,
    ...certificateLines(certificates),
    ...(lines ?? []).map((line) => {
      if (line.startsWith('-')) {
        return bad(`  ${line}`);
      }
      return line.startsWith('+') ? good(`  ${line}`) : `  ${line}`;
    }),
  ];
}

function certificateLines(certificates: PushedFileReport['certificates']): readonly string[] {
  if (certificates === undefined || certificates.here.join() === certificates.there.join()) {
    return [];
  }
  return [
    ...certificates.there.map((each) => bad(`  - certificate ${each}`)),
    ...certificates.here.map((each) => good(`  + certificate ${each}`)),
  ];
}

function outcomeLine({ outcome, node, peer, why = '', first, files, shared }: PushReport): string {
  const order = first === node ? `${node}, then ${peer}` : `${peer}, then ${node}`;
  switch (outcome) {
    case 'compared':
      return files.every(({ found }) => found === 'same')
        ? `${peer} has the same files`
        : `- goes from ${peer}, + comes from ${node}: nothing was sent yet`;
    case 'same':
      return `${peer} has the same files: nothing was changed`;
    case 'checked':
      return `HAProxy on both nodes takes these files: nothing was changed`;
    case 'pushed':
      return good(
        files.every(({ path, found }) => found === 'same' || path === shared?.path)
          ? `pushed: HAProxy was not reloaded, since nothing of it differs`
          : `pushed: HAProxy was reloaded and watched, on ${order}`,
      );
    case 'kept there only':
      return bad(`${peer} serves with the new files; on ${node} something is wrong: ${why}`);
    case 'rolled back':
      return bad(`${peer} has its former files again: ${why}`);
    case 'failed':
      return bad(`${peer} could not put its former files back, look there now: ${why}`);
    case 'unknown':
      return doubtful(why);
    default:
      return outcome satisfies never;
  }
}

function givenLines({ given, peer }: PushReport): readonly string[] {
  return given.length === 0
    ? []
    : [`${given.join(', ')} was given to ${peer} and stays there: vipair switchover takes it back`];
}

function sharedLines(shared: PushedSharedReport | undefined): readonly string[] {
  if (shared === undefined || shared.outcome === 'same' || shared.outcome === 'put back') {
    return [];
  }
  const { path, outcome, why = '' } = shared;
  switch (outcome) {
    case 'differs':
      return why === '' ? [] : [doubtful(`${path} would not be pushed: ${why}`)];
    case 'not sent':
      return [doubtful(`${path} was not pushed: ${why}`)];
    case 'taken over':
      return [good(`${path} was taken over`)];
    case 'not taken over':
      return [bad(`${path} is on the disk and was not taken over: ${why}`)];
    default:
      return outcome satisfies never;
  }
}

function undoInWords({ node, outcome, why = '', files, shared }: UndoReport): string {
  switch (outcome) {
    case 'undone':
      return [
        ...files,
        good(`${node} has the files of before the last push again`),
        ...sharedLines(shared),
      ].join('\n');
    case 'rolled back':
      return bad(`${node} stays as it was: ${why}`);
    case 'failed':
      return bad(`${node}: look at it now: ${why}`);
    default:
      return outcome satisfies never;
  }
}

const RIGHT: ReadonlySet<PushReport['outcome']> = new Set([
  'compared',
  'same',
  'checked',
  'pushed',
]);
