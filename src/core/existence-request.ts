/** Whether what an operator asks of a server's existence can be wanted, beside what is wanted and there already. */
import type { ServerState } from '../wire/haproxy/servers-state.js';
import type { ServerName } from './intents.js';
import type { Existence } from './server-existence.js';
import { existenceValue, isAdded, readExistence } from './server-existence.js';

export interface ExistenceRequest {
  readonly server: ServerName;
  readonly wanted: Existence;
  /** The register of it, if there is one. */
  readonly stated: string | undefined;
  /** As the proxy here has it. */
  readonly here: ServerState | undefined;
}

export type ExistenceJudgement =
  | { readonly kind: 'to be stated'; readonly value: string }
  /** It is wanted just so already. */
  | { readonly kind: 'stands' }
  | {
      readonly kind: 'refused';
      readonly code: 'server-exists' | 'server-configured' | 'unknown-server';
      readonly detail: string;
    };

export function judgeExistence(request: ExistenceRequest): ExistenceJudgement {
  return request.wanted.kind === 'present'
    ? judgeAdding(request, request.wanted.definition)
    : judgeRemoving(request, request.wanted.sessions);
}

function judgeAdding(
  { server, stated, here }: ExistenceRequest,
  definition: string,
): ExistenceJudgement {
  const before = stated === undefined ? undefined : readExistence(stated);
  if (here !== undefined && !isAdded(here)) {
    const detail = `HAProxy has a server ${server} of its own, by haproxy.cfg or because it was added at HAProxy's socket: found that one, expected none of this name`;
    return { kind: 'refused', code: 'server-exists', detail };
  }
  if (before?.kind === 'present') {
    const detail = `${server} was added already: found \`${before.definition}\`, expected \`${definition}\`; to change it, vipair server remove ${server} first`;
    return before.definition === definition
      ? { kind: 'stands' }
      : { kind: 'refused', code: 'server-exists', detail };
  }
  return { kind: 'to be stated', value: existenceValue({ kind: 'present', definition }) };
}

function judgeRemoving(
  { server, stated, here }: ExistenceRequest,
  sessions: 'finish' | 'cut',
): ExistenceJudgement {
  const before = stated === undefined ? undefined : readExistence(stated);
  const isOurs = here === undefined || isAdded(here);
  const isGone = here === undefined && before?.kind !== 'present';
  if (!isOurs && before?.kind !== 'present') {
    const detail = `${server} was not added by vipair server add, so HAProxy would have it again at its next start: delete its line from haproxy.cfg on both nodes, then vipair reload; until then vipair server maint ${server}`;
    return { kind: 'refused', code: 'server-configured', detail };
  }
  if (isGone) {
    return before === undefined
      ? {
          ...{ kind: 'refused', code: 'unknown-server' },
          detail: `HAProxy has no server ${server}, and none was added: see vipair server list`,
        }
      : { kind: 'stands' };
  }
  // Who has asked for it to be cut does not take that back by asking again.
  const isMore = before?.kind !== 'absent' || (sessions === 'cut' && before.sessions === 'finish');
  return isMore
    ? { kind: 'to be stated', value: existenceValue({ kind: 'absent', sessions }) }
    : { kind: 'stands' };
}
