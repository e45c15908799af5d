// One psql for many questions: a session of the database, with its transaction and its locks, for as long as a test wants.
import { spawn } from 'node:child_process';

export class Sql {
	constructor(database) {
		this.child = spawn('/usr/lib/postgresql/15/bin/psql', ['-qAtX', '-d', database], { stdio: ['pipe', 'pipe', 'inherit'] });
		this.rest = '';
		this.asked = [];
		this.child.stdout.setEncoding('utf8').on('data', (d) => {
			this.rest += d;
			for (let end; (end = this.rest.indexOf('<end>\n')) >= 0; this.rest = this.rest.slice(end + 6)) this.asked.shift()(this.rest.slice(0, end).trim());
		});
	}
	ask(query) { return new Promise((done) => { this.asked.push(done); this.child.stdin.write(`${query};\n\\echo <end>\n`); }); }
	end() { this.child.stdin.end(); }
}
