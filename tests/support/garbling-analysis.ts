/** Stands in for an analysis process that a file has taken over: answers what is no outcome. */
process.on('message', (message: { type: string }) => {
  if (message.type === 'analyse') process.send!({ type: 'outcome', outcome: { state: 'ran', maps: [7] } });
});
