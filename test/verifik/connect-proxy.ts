import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A proxy on the loopback interface, which resolves all names to it. It records and forwards `CONNECT` requests. */
export interface ConnectProxy {
  /** With a user and a password. */
  readonly url: string;
  readonly connects: { readonly target: string; readonly authorization: string | undefined }[];
  /** The status of further `CONNECT` requests; 200 forwards them, 0 does not answer. */
  status: number;
  close(): Promise<void>;
}

export const PROXY_PASSWORD = 'a-password-of-the-proxy';

export const startConnectProxy = async (): Promise<ConnectProxy> => {
  const server = createServer();
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const proxy: ConnectProxy = {
    url: `http://worker:${PROXY_PASSWORD}@127.0.0.1:${port}`,
    connects: [],
    status: 200,
    close: () =>
      new Promise((resolve) => {
        // The server no longer knows the connections that it has handed over for `CONNECT`.
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  server.on('connect', ({ url: target = '', headers }, client) => {
    proxy.connects.push({ target, authorization: headers['proxy-authorization'] });
    client.on('error', () => undefined);
    if (proxy.status === 0) return;
    if (proxy.status !== 200) {
      client.end(`HTTP/1.1 ${proxy.status} Refused\r\n\r\n`);
      return;
    }
    const upstream = connect(Number(target.split(':').at(-1)), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  return proxy;
};

/** The certificate of `verifik.test`, signed by itself. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBnjCCAUSgAwIBAgIUaZihO9RCBrYWAKGdhW/SERcmW7UwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMdmVyaWZpay50ZXN0MCAXDTI2MTEzMDA4MjgyOFoYDzIxMjYx
MTA2MDgyODI4WjAXMRUwEwYDVQQDDAx2ZXJpZmlrLnRlc3QwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAAQY/FpxjiK1+D+9BqFk7ZYs2ulyGLcoR0os9uLrlcuxlIeF
GfzPGoXLS69iBpECpdTxvPOqava6Mtw0OFu5+h3So2wwajAdBgNVHQ4EFgQUD4VV
cyS2+1V+b96GbEPh2hq+WpgwHwYDVR0jBBgwFoAUD4VVcyS2+1V+b96GbEPh2hq+
WpgwDwYDVR0TAQH/BAUwAwEB/zAXBgNVHREEEDAOggx2ZXJpZmlrLnRlc3QwCgYI
KoZIzj0EAwIDSAAwRQIhAOl2sqYIZvNzFtf+eqxs3hLHa1oT5s0oCAkUaSAGW2NY
AiA7VRgRain18gcUQTi2/4T/hRYUjzWorYu6kUTljbjZeQ==
-----END CERTIFICATE-----
`;

/** The private key of the certificate, which no other server has. */
export const CERTIFICATE_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgn3nZawhKJ628XoIc
tSSq1KvKQ1BGI7PU0Ru32Axb676hRANCAAQY/FpxjiK1+D+9BqFk7ZYs2ulyGLco
R0os9uLrlcuxlIeFGfzPGoXLS69iBpECpdTxvPOqava6Mtw0OFu5+h3S
-----END PRIVATE KEY-----
`;
