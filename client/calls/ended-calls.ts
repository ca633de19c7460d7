import { InterceptingCall, Metadata, status } from '@grpc/grpc-js';
import { type ConnectionOptions, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import { CONNECTION_CLOSED } from './grpc-errors.js';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];

/** A call that ends when it starts, with a status that nothing repeats. */
const endedCall = (): InterceptingCall => {
  const nothing = () => undefined;
  return new InterceptingCall({
    start: (_metadata, listener) => {
      listener?.onReceiveMessage?.(null);
      listener?.onReceiveStatus?.({
        code: status.FAILED_PRECONDITION,
        details: CONNECTION_CLOSED,
        metadata: new Metadata(),
      });
    },
    ...{ cancelWithStatus: nothing, sendMessageWithContext: nothing, sendMessage: nothing },
    ...{ startRead: nothing, halfClose: nothing, getPeer: () => '', getAuthContext: () => null },
  });
};

/**
 * Ends a call whose connection was closed before it is made or repeated. The SDK (1.24) repeats calls from a timer,
 * so that the error of grpc-js would end the process. The last interceptor of a connection.
 */
export const endWithConnection: Interceptor = (options, nextCall) => {
  try {
    return new InterceptingCall(nextCall(options));
  } catch {
    return endedCall();
  }
};

/** The options of a connection whose calls are repeated as the SDK does by default, and end with the connection. */
export const REPEATED_UNTIL_CLOSED = {
  interceptors: [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), endWithConnection],
} satisfies ConnectionOptions;
