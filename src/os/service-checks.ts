/** Looks at servers of services: a connection, a handshake or a GET, by Node's own sockets. */
import { request } from 'node:http';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Sample } from '../core/tracking.js';
import { unreachable } from '../base/unreachable.js';
import type { ServiceChecks, ServiceLook } from '../ports/service-checks.js';

/** What a look has begun, with which it ends. */
interface Begun {
  destroy(): void;
}

type Answer = (sample: Sample) => void;

const WELL: Sample = { kind: 'well' };

export class SocketServiceChecks implements ServiceChecks {
  look(look: ServiceLook, stop: AbortSignal): Promise<Sample> {
    if (stop.aborted) {
      return Promise.resolve(failing('stopped'));
    }
    return new Promise((resolve) => {
      const end: Answer = (sample) => {
        clearTimeout(timer);
        stop.removeEventListener('abort', stopped);
        // Whatever comes after it is of no use; an error without a listener would end the process.
        begun.destroy();
        resolve(sample);
      };
      const stopped = (): void => {
        end(failing('stopped'));
      };
      const timer = setTimeout(() => {
        end(failing(`no answer within ${String(look.within)} ms`));
      }, look.within);
      stop.addEventListener('abort', stopped);
      const begun = begin(look, end);
    });
  }
}

function begin(look: ServiceLook, end: Answer): Begun {
  const { what, address: host, port } = look;
  const refuse = (error: Error): void => {
    end(failing(error.message));
  };
  switch (what.kind) {
    case 'tcp': {
      const socket = connect({ host, port }, () => {
        end(WELL);
      });
      return socket.on('error', refuse);
    }
    case 'tls': {
      const servername = what.host === undefined ? {} : { servername: what.host };
      // It is the server's life that is asked for, by its address: no certificate has that name.
      const options = { host, port, ...servername, rejectUnauthorized: false };
      const socket = connectTls(options, () => {
        end(WELL);
      });
      return socket.on('error', refuse);
    }
    case 'http': {
      const headers = {
        ...{ connection: 'close', 'user-agent': 'vipair' },
        ...(what.host === undefined ? {} : { host: what.host }),
      };
      const options = { host, port, path: what.path, headers, agent: false };
      const asked = request(options, ({ statusCode = 0 }) => {
        end(statusSample(statusCode, what.status));
      });
      return asked.on('error', refuse).end();
    }
    default:
      return unreachable(what);
  }
}

function statusSample(
  status: number,
  expected: { readonly from: number; readonly to: number },
): Sample {
  const isExpected = status >= expected.from && status <= expected.to;
  return isExpected ? WELL : failing(`it answered ${String(status)}`);
}

function failing(why: string): Sample {
  return { kind: 'failing', why };
}
