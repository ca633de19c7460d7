import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A proxy of a Temporal server that records all gRPC messages in both directions, decompressed. */
export interface RecordingProxy {
  /** The address for clients and workers, in place of the server's. */
  readonly address: string;
  readonly recorded: () => Buffer;
  close(): Promise<void>;
}

/** A gRPC message begins with a compression flag of one byte and a length of four bytes. */
const PREFIX_BYTES = 5;

const messageReader = (keep: (message: Buffer) => void) => {
  let pending = Buffer.alloc(0);
  return (chunk: Buffer): void => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= PREFIX_BYTES) {
      const end = PREFIX_BYTES + pending.readUInt32BE(1);
      if (pending.length < end) return;
      const message = pending.subarray(PREFIX_BYTES, end);
      keep(pending[0] === 1 ? gunzipSync(message) : message);
      pending = pending.subarray(end);
    }
  };
};

const forward = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  upstream: ClientHttp2Session,
  keep: (message: Buffer) => void,
): void => {
  const call = upstream.request(headers, { endStream: false });
  const reset = () => {
    if (!stream.closed) stream.close(constants.NGHTTP2_CANCEL);
    if (!call.closed) call.close(constants.NGHTTP2_CANCEL);
  };
  let trailers: IncomingHttpHeaders = {};
  keep(Buffer.from(JSON.stringify(headers)));
  stream.on('data', messageReader(keep)).on('error', reset).on('aborted', reset);
  stream.pipe(call);
  call.on('response', (answer, flags) => {
    const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    keep(Buffer.from(JSON.stringify(answer)));
    if (stream.destroyed) return;
    stream.respond(answer, endStream ? { endStream } : { waitForTrailers: true });
    if (!endStream) call.pipe(stream);
  });
  call.on('data', messageReader(keep)).on('error', reset).on('aborted', reset);
  call.on('trailers', (given) => {
    trailers = given;
    keep(Buffer.from(JSON.stringify(given)));
  });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
};

export const startRecordingProxy = async (server: string): Promise<RecordingProxy> => {
  const messages: Buffer[] = [];
  const sessions = new Set<Http2Session>();
  const proxy = createServer();
  proxy.on('session', (session) => {
    const upstream = connect(`http://${server}`);
    upstream.on('error', () => session.destroy());
    session.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
    session.on('stream', (stream, headers) =>
      forward(stream, headers, upstream, (message) => void messages.push(message)),
    );
    sessions.add(session).add(upstream);
  });
  await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve));
  const { port }: AddressInfo = Object(proxy.address());
  return {
    address: `127.0.0.1:${port}`,
    recorded: () => Buffer.concat(messages),
    close: () =>
      new Promise((resolve) => {
        for (const session of sessions) session.destroy();
        proxy.close(() => resolve());
      }),
  };
};
