import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/** A status code of gRPC. */
const UNAVAILABLE = 14;

/** Returns the gRPC error of a call, which the SDK may have wrapped; `undefined` for any other error. */
export const grpcErrorOf = (error: unknown) => {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause : undefined;
};

/** The status text of a request whose connection was closed. */
export const CONNECTION_CLOSED = 'The connection was closed.';

/** True for the error of a request that was made, or repeated, after its connection was closed. */
export const isClosed = (error: unknown): boolean => grpcErrorOf(error)?.details === CONNECTION_CLOSED;

// The status texts of grpc-js for a request that it did not send.
const NOT_SENT = /^(?:No connection established|Name resolution failed)/;

/** True for the status of a request that had no connection. */
export const isUnreachable = ({ code, details }: { readonly code: number; readonly details: string }): boolean =>
  code === UNAVAILABLE && NOT_SENT.test(details);
