/** The rules that come from the version of VRRP a group speaks. */
import { isIpv6 } from '../base/ip.js';
import { centisToMillis } from '../base/time.js';
import type { Draft, GroupDraft } from './draft.js';
import { formatDuration } from './duration.js';
import type { Finding, Path } from './problem.js';
import { describe } from './problem.js';

export const protocolRules: readonly ((draft: Draft) => readonly Finding[])[] = [
  versionTwoSpeaksIpv4,
  versionTwoCountsSeconds,
  passwordsAreOfVersionTwo,
];

/** RFC 3768 §1 is about IPv4 alone. */
function versionTwoSpeaksIpv4({ groups }: Draft): readonly Finding[] {
  return groups.flatMap((group, index) => {
    if (group.version !== 2) {
      return [];
    }
    return [
      ...ipv6Addresses(group, ['groups', index]),
      ...group.instances.flatMap((each, position) =>
        ipv6Addresses(each, ['groups', index, 'instances', position]),
      ),
    ];
  });
}

function ipv6Addresses({ addresses }: Pick<GroupDraft, 'addresses'>, at: Path): readonly Finding[] {
  return addresses.flatMap((cidr, position) =>
    cidr !== undefined && isIpv6(cidr.address)
      ? [
          {
            path: [...at, 'addresses', position],
            found: describe(cidr.address),
            expected: 'an IPv4 address: VRRPv2 knows no other (RFC 3768 §1)',
          },
        ]
      : [],
  );
}

/** One byte of whole seconds (RFC 3768 §5.3.7). */
function versionTwoCountsSeconds({ groups }: Draft): readonly Finding[] {
  return groups.flatMap(({ version, advertInterval }, index) =>
    version === 2 && advertInterval !== undefined && advertInterval % CENTIS_PER_SECOND !== 0
      ? [
          {
            path: ['groups', index, 'advert_interval'],
            found: formatDuration(centisToMillis(advertInterval)),
            expected: 'whole seconds: VRRPv2 counts in them (RFC 3768 §5.3.7)',
          },
        ]
      : [],
  );
}

/** Version 3 has no field for one (RFC 9568 §9). */
function passwordsAreOfVersionTwo({ groups }: Draft): readonly Finding[] {
  return groups.flatMap(({ version, authentication }, index) =>
    authentication === 'password' && version !== 2
      ? [
          {
            path: ['groups', index, 'authentication', 'mode'],
            found: describe('password'),
            expected: 'receive-only, permissive or enforce: only VRRPv2 has passwords',
          },
        ]
      : [],
  );
}

const CENTIS_PER_SECOND = 100;
