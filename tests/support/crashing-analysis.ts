/** Stands in for the analysis process: ends with an error when it is asked for anything. */
process.on('message', (message: { type: string }) => {
  if (message.type === 'analyse') throw new TypeError('this parser has a fault');
});
