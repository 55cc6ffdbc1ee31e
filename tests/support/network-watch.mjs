/**
 * Loaded into every process and thread of the program with `--import`: whoever looks up a name, opens a connection or sends a
 * datagram is written down in the file NETWORK_WATCH, and refused.
 */
import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const file = process.env['NETWORK_WATCH'];

function refuse(what, target) {
  appendFileSync(file, `${what} ${JSON.stringify(target)}\n`);
  throw new Error(`${what} is refused: the program has no network`);
}
/** Pipes have a path; anything else is the network. */
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...values) {
  const [first] = Array.isArray(values[0]) ? values[0] : values;
  const path = typeof first === 'string' && !/^\d+$/.test(first) ? first : first?.path;
  return path ? connect.apply(this, values) : refuse('connect', first);
};
for (const api of [dns, dns.promises])
  for (const name of Object.keys(api))
    if (/^(lookup|resolve|reverse)/.test(name)) api[name] = (target) => refuse(name, target);
for (const name of ['send', 'connect', 'bind'])
  dgram.Socket.prototype[name] = (target) => refuse(`datagram ${name}`, typeof target);
syncBuiltinESMExports();
