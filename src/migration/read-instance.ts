/** Reads one `vrrp_instance`: keyword by keyword, and then what follows from several of them. */
import type { Instance, InstanceContext, InstanceDraft } from './instance.js';
import { COLLECTED, INSTANCE_READERS, isCollected, sayOfUnread } from './instance-keywords.js';
import type { Statement } from './keepalived/statements.js';
import { MILLIS_PER_SECOND } from './quantity.js';
import { readTrackList } from './tracked.js';
import { readAddresses, speaksIpv6 } from './virtual-addresses.js';

export function readInstance(statement: Statement, context: InstanceContext): Instance {
  const { globals, definitions, say } = context;
  const { block = [] } = statement;
  const all = (pattern: RegExp): readonly Statement[] =>
    block.filter(({ words }) => pattern.test(words[0] ?? ''));
  let draft: InstanceDraft = {
    name: statement.words[1] ?? 'vrrp_instance',
    statement,
    interface: globals.defaultInterface,
    vrid: undefined,
    version: undefined,
    ttl: undefined,
    priority: USUAL_PRIORITY,
    initial: 'backup',
    advertMillis: MILLIS_PER_SECOND,
    nopreempt: undefined,
    preemptDelay: 0,
    accept: globals.strict ? 'no' : 'yes',
    virtualMac: 'no',
    addresses: all(COLLECTED.addresses).flatMap((each) => readAddresses(each, say)),
    unicast: undefined,
    source: undefined,
    password: 'none',
    announce: [...globals.announce, ...all(COLLECTED.announce)],
    tracked: all(COLLECTED.tracked).flatMap((each) => readTrackList(each, definitions, say)),
    notify: all(COLLECTED.notify),
  };
  for (const each of block) {
    const keyword = each.words[0] ?? '';
    const read = INSTANCE_READERS.get(keyword);
    if (read === undefined && !isCollected(keyword)) {
      sayOfUnread(keyword, each, say);
    } else if (read !== undefined) {
      draft = { ...draft, ...read(each, context, draft) };
    }
  }
  return completed(draft, context);
}
/** keepalived's own. */
const USUAL_PRIORITY = 100;

function completed({ ttl, ...draft }: InstanceDraft, { globals, say }: InstanceContext): Instance {
  // Each of one family, which the advertised addresses have (keepalived.conf(5), vrrp_version).
  const advertised = draft.addresses.filter((each) => each.advertised === 'yes');
  const isIpv6Only = speaksIpv6(advertised);
  if (isIpv6Only && draft.version === 2) {
    say(
      'needless',
      draft.statement,
      'version 2: of IPv6 there is version 3 only, for keepalived too',
    );
  }
  const nopreempt = draft.initial === 'master' ? undefined : draft.nopreempt;
  if (nopreempt !== draft.nopreempt && draft.nopreempt !== undefined) {
    say(
      'differs',
      draft.nopreempt,
      'keepalived does not obey it beside state MASTER, and neither does this file',
    );
  }
  const unicast =
    draft.unicast === undefined || draft.unicast.minTtl !== undefined
      ? draft.unicast
      : { ...draft.unicast, minTtl: ttl };
  return {
    ...draft,
    nopreempt,
    unicast,
    version: isIpv6Only ? 3 : (draft.version ?? globals.version ?? 2),
  };
}
