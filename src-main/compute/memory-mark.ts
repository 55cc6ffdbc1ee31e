/** What a process whose memory is watched prints, before the bytes that it holds, when it is ended for them. */
export const memoryMark = 'memory limit exceeded, bytes: ';
