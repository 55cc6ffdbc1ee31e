/**
 * How calls are written on the wire, by both sides and on every transport: MessagePack, so that byte arrays travel as
 * they are, without JSON or base64.
 */
import { Decoder, Encoder } from '@msgpack/msgpack';

/** The largest message that a call may send, in bytes; pictures do not travel in calls. */
export const maxMessageBytes = 4 * 1024 * 1024;

const encoder = new Encoder({ initialBufferSize: 8192, ignoreUndefined: true });
const decoder = new Decoder();

/** The encoder that tRPC's WebSocket server and client take. */
export const msgpackEncoder = {
  /** Answers an exact copy, not a view into scratch space. */
  encode: (data: unknown): Uint8Array<ArrayBuffer> => encoder.encode(data),
  /** Text frames are no part of the protocol; throws on them, as on damaged bytes. */
  decode(data: string | ArrayBuffer | Uint8Array): unknown {
    if (typeof data === 'string') throw new Error('a text frame where MessagePack was expected');
    return decoder.decode(data instanceof Uint8Array ? data : new Uint8Array(data));
  },
};
