// An SMSC made of node-smpp, an implementation that shares nothing with ours, for the link's tests. It is driven by
// lines on standard input and tells what happens by lines on standard output; it decides nothing and waits for no time.
//
//   out: port N | session | bind COMMAND SYSTEM_ID PASSWORD SYSTEM_TYPE | submit SEQ SOURCE DEST DCS ESM RECEIPT TEXT
//        data SEQ SOURCE DEST DCS ESM RECEIPT TEXT | query SEQ ID SOURCE | cancel SEQ ID SOURCE DEST
//        did COMMAND | validity ISO | resp COMMAND SEQ STATUS | request COMMAND SEQ | nack SEQ STATUS | closed
//   in:  one command with its arguments, see `commands` below
import { readFileSync } from 'node:fs';
import readline from 'node:readline';
import { createRequire } from 'node:module';

const smpp = createRequire(import.meta.url)('smpp');
const tell = (...words) => process.stdout.write(words.join(' ') + '\n');
const TAGS = { receipted_message_id: 1, message_state: 1, network_error_code: 1, sar_msg_ref_num: 1,
  congestion_state: 1, sar_total_segments: 1, sar_segment_seqnum: 1, message_payload: 1 };

const setting = { bind: 0, submit: [], query: null, cancel: 0, id: 'decimal', answer: true, split: false, unbind: true, enquire: true };
const sessions = [];
const held = []; // submits that wait for "answer"
let nextId = 1000;
let [quiet, counted, wanted] = [false, 0, 0];

// The session that receives (a transceiver or a receiver), or the newest.
const receiver = () => sessions.findLast?.((s) => s.mode !== 'bind_transmitter') ?? sessions[sessions.length - 1];
const newest = () => sessions[sessions.length - 1];

function messageId() {
  const n = ++nextId;
  return setting.id === 'hex' ? n.toString(16).toUpperCase().padStart(10, '0') : String(n);
}

function answer(session, pdu) {
  const status = setting.submit.length ? setting.submit.shift() : 0;
  const told = setting.congestion == null ? {} : { congestion_state: setting.congestion };
  session.send(pdu.response(status ? { command_status: status, ...told } : { message_id: messageId(), ...told }));
}

// One octet per write: every header and every body reaches the gateway in pieces.
function splitWrites(socket) {
  const write = socket.write.bind(socket);
  socket.setNoDelay(true);
  socket.write = (data, ...rest) => {
    const callback = rest.find((r) => typeof r === 'function');
    if (!setting.split) return write(data, callback);
    for (let i = 0; i < data.length - 1; i++) write(data.subarray(i, i + 1));
    return write(data.subarray(data.length - 1), callback);
  };
}

function textOf(message) {
  const text = typeof message === 'string' || Buffer.isBuffer(message) ? message : message?.message ?? '';
  const udh = message?.udh ? Buffer.concat(message.udh.map((u) => Buffer.from(u))).toString('hex') : '-';
  return `${udh} ${JSON.stringify(String(text))}`;
}

// With two arguments, a key and a certificate file, it speaks TLS.
const [key, cert] = process.argv.slice(2, 4).map((file) => readFileSync(file));
const ca = process.argv[4] ? readFileSync(process.argv[4]) : null; // asks the client for a certificate of this authority
const options = key ? { key, cert, ...(ca ? { ca, requestCert: true, rejectUnauthorized: true } : {}) } : {};
const server = smpp.createServer(options, serve);
const other = smpp.createServer(options, serve); // a second host of the carrier, see `also`

function serve(session) {
  sessions.push(session);
  splitWrites(session.socket);
  tell('session');
  session.on('error', (e) => tell('error', e.code ?? e.message));
  session.on('close', () => {
    sessions.splice(sessions.indexOf(session), 1);
    tell('closed');
  });
  for (const mode of ['bind_transceiver', 'bind_transmitter', 'bind_receiver'])
    session.on(mode, (pdu) => {
      session.mode = mode;
      tell('bind', mode, pdu.system_id, pdu.password, pdu.system_type || '-', 'version', pdu.interface_version,
        `${pdu.addr_ton}/${pdu.addr_npi}/${pdu.address_range}`);
      if (setting.bind === 'silent') return;
      session.send(pdu.response(setting.bind ? { command_status: setting.bind } : { system_id: 'node' }));
    });
  session.on('submit_sm', (pdu) => {
    tell('submit', pdu.sequence_number, `${pdu.source_addr_ton}/${pdu.source_addr_npi}/${pdu.source_addr}`,
      `${pdu.dest_addr_ton}/${pdu.dest_addr_npi}/${pdu.destination_addr}`, pdu.data_coding, pdu.esm_class,
      pdu.registered_delivery, textOf(pdu.short_message));
    if (pdu.message_payload) tell('payload', pdu.sequence_number, Buffer.byteLength(String(pdu.message_payload.message ?? pdu.message_payload)), 'octets');
    if (pdu.validity_period) tell('validity', new Date(pdu.validity_period).toISOString());
    if (setting.answer) answer(session, pdu);
    else held.push([session, pdu]);
  });
  session.on('data_sm', (pdu) => {
    tell('data', pdu.sequence_number, `${pdu.source_addr_ton}/${pdu.source_addr_npi}/${pdu.source_addr}`,
      `${pdu.dest_addr_ton}/${pdu.dest_addr_npi}/${pdu.destination_addr}`, pdu.data_coding, pdu.esm_class,
      pdu.registered_delivery, textOf(pdu.message_payload), pdu.service_type || '-');
    if (setting.answer) answer(session, pdu);
    else held.push([session, pdu]);
  });
  session.on('query_sm', (pdu) => {
    tell('query', pdu.sequence_number, pdu.message_id, `${pdu.source_addr_ton}/${pdu.source_addr_npi}/${pdu.source_addr}`);
    const q = setting.query;
    if (q === 'silent') return;
    if (q === 'nack') session.send(new smpp.PDU('generic_nack', { sequence_number: pdu.sequence_number, command_status: 3 }));
    else if (typeof q === 'number') session.send(pdu.response({ command_status: q }));
    else session.send(pdu.response({ message_id: pdu.message_id, ...q }));
  });
  session.on('cancel_sm', (pdu) => {
    tell('cancel', pdu.sequence_number, pdu.message_id, `${pdu.source_addr_ton}/${pdu.source_addr_npi}/${pdu.source_addr}`,
      `${pdu.dest_addr_ton}/${pdu.dest_addr_npi}/${pdu.destination_addr}`);
    if (setting.cancel !== 'silent') session.send(pdu.response({ command_status: setting.cancel }));
  });
  session.on('enquire_link', (pdu) => {
    tell('request', 'enquire_link', pdu.sequence_number);
    if (setting.enquire) session.send(pdu.response());
  });
  session.on('unbind', (pdu) => {
    tell('request', 'unbind', pdu.sequence_number);
    if (!setting.unbind) return;
    session.send(pdu.response());
    session.close();
  });
  session.on('pdu', (pdu) => {
    if (quiet && pdu.command === 'generic_nack') {
      if (++counted === wanted) tell('counted', counted);
    } else if (pdu.command === 'generic_nack') tell('nack', pdu.sequence_number, pdu.command_status);
    else if (quiet && pdu.isResponse()) {
      if (++counted === wanted) tell('counted', counted);
    } else if (pdu.isResponse()) tell('resp', pdu.command, pdu.sequence_number, pdu.command_status);
  });
}

function fields(words) {
  const out = {};
  for (const word of words) {
    const [name, value] = [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)];
    if (name === 'text') out.short_message = { message: decodeURIComponent(value) };
    else if (name === 'udh') out.udh = Buffer.from(value, 'hex');
    else if (name === 'hex') out.short_message = Buffer.from(value, 'hex');
    else if (name === 'payload') out.message_payload = Buffer.from(value, 'hex');
    else out[name] = /^\d+$/.test(value) && name !== 'source_addr' && name !== 'destination_addr' &&
      name !== 'receipted_message_id' ? Number(value) : value;
  }
  if (out.udh) {
    out.short_message.udh = out.udh;
    delete out.udh;
  }
  for (const tag of Object.keys(out)) if (tag in TAGS && out[tag] === '') delete out[tag];
  return out;
}

const commands = {
  // what to do from now on
  bind: (status) => { setting.bind = status === 'silent' ? status : Number(status); },
  submit: (...statuses) => { setting.submit = statuses.map(Number); }, // of the next submits, in order
  query: (what, final, error) => { // silent, nack, a status, or a message_state with its final date and error code
    setting.query = what === 'silent' || what === 'nack' ? what
      : what.startsWith('0x') ? Number(what) : { message_state: Number(what), final_date: final === '-' ? '' : final, error_code: Number(error) };
  },
  cancel: (what) => { setting.cancel = what === 'silent' ? what : Number(what); },
  id: (kind) => { setting.id = kind; },
  hold: () => { setting.answer = false; },
  split: (on) => { setting.split = on === 'on'; },
  unbinds: (on) => { setting.unbind = on === 'on'; },
  enquires: (on) => { setting.enquire = on === 'on'; },
  // what to do now
  answer: (how) => {
    setting.answer = true;
    if (how === 'backwards') held.reverse();
    for (const [session, pdu] of held.splice(0)) answer(session, pdu);
  },
  deliver: (...words) => receiver().send(new smpp.PDU('deliver_sm', fields(words))),
  data: (...words) => receiver().send(new smpp.PDU('data_sm', fields(words))),
  enquire: () => newest().send(new smpp.PDU('enquire_link')),
  unbind: () => newest().send(new smpp.PDU('unbind')),
  raw: (hex) => newest().socket.write(Buffer.from(hex, 'hex')),
  drop: () => newest().socket.resetAndDestroy?.() ?? newest().socket.destroy(),
  end: () => newest().socket.end(),
  // from now on responses are counted, not told
  quiet: (n) => { quiet = true; counted = 0; wanted = Number(n ?? 0); tell('quiet'); },
  pause: () => { newest().pause(); newest().socket.pause(); },
  resume: (n) => {
    wanted = Number(n);
    newest().resume();
    newest().socket.resume();
  },
  // the same PDU as many times as asked for, in one write
  flood: (n, hex) => newest().socket.write(Buffer.concat(Array(Number(n)).fill(Buffer.from(hex, 'hex')))),
  // the same into the oldest session
  inundate: (n, hex) => sessions[0].socket.write(Buffer.concat(Array(Number(n)).fill(Buffer.from(hex, 'hex')))),
  // in every response from now on, as far as it has optional parameters
  congestion: (n) => { setting.congestion = n === 'off' ? null : Number(n); },
  close: () => { server.close(); for (const s of [...sessions]) s.destroy(); },
  listen: () => listen(port),
  also: () => other.listen(0, '127.0.0.1', () => tell('also', other.address().port)),
  // connects as a carrier does that wants a receiver bound; what comes on that connection is served like any other
  outbind: (to, system_id, password) => {
    const session = smpp.connect({ url: `smpp://127.0.0.1:${to}` }, () => {
      serve(session);
      session.send(new smpp.PDU('outbind', { system_id, password: password ?? '' }));
      tell('outbound');
    });
    session.on('error', () => tell('outbind failed'));
    session.on('close', () => tell('outbind closed'));
  },
  // connects and writes these octets instead
  intrude: (to, hex) => {
    const session = smpp.connect({ url: `smpp://127.0.0.1:${to}` }, () => session.socket.write(Buffer.from(hex, 'hex')));
    session.on('pdu', (pdu) => tell('intruder', pdu.command, pdu.sequence_number, pdu.command_status));
    session.on('error', () => {});
    session.on('close', () => tell('intruder closed'));
  },
};

let port = 0;
function listen(want) {
  server.listen(want, '127.0.0.1', () => {
    port = server.address().port;
    tell('port', port);
  });
}
listen(0);
server.on('tlsClientError', (e) => tell('refused by the client:', e.code ?? e.message));

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const [name, ...words] = line.trim().split(' ');
  try {
    commands[name](...words);
    tell('did', name);
  } catch (e) {
    tell('error', name, e.message);
  }
}).on('close', () => process.exit(0));
