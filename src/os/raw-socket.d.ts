/** What we use of raw-socket 1.8.1, which ships no typings. */
declare module 'raw-socket' {
  export interface SocketOptions {
    readonly protocol: number;
    readonly addressFamily: number;
    readonly bufferSize: number;
  }

  export interface Socket {
    /** The bytes belong to the socket and are overwritten by the next packet. */
    on(event: 'message', listener: (packet: Buffer, source: string) => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
    setOption(level: number, option: number, value: Buffer, length: number): void;
    close(): this;
  }

  // eslint-disable-next-line @typescript-eslint/naming-convention -- the package's name for it
  export const AddressFamily: { readonly IPv4: number };

  /** Throws an Error whose message is the system's text for the errno. */
  export function createSocket(options: SocketOptions): Socket;
}
