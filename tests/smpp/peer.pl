#!/usr/bin/perl
# Debian's Net::SMPP as a peer that node drives: every PDU that comes is told as a line of JSON, every line of JSON is a
# PDU to send. It decides nothing itself.
#   peer.pl smsc            listens; tells {"port":N}, {"session":N} and what each session brings
#   peer.pl esme PORT       connects; its session is 1
# in:   {"session":1,"pdu":"submit_sm","hex":["short_message"],"short_message":"0048","destination_addr":"86138..."}   or {"session":1,"close":1}
# out:  {"session":1,"cmd":"submit_sm","seq":3,"status":0,"short_message":"0048",...}   or {"session":1,"closed":1}
# What is binary travels as hexadecimal: short_message and message_payload always.
use strict;
use warnings;
use IO::Select;
use JSON::PP;
use Net::SMPP;

$| = 1;
$SIG{PIPE} = 'IGNORE';
my ($mode, $port) = @ARGV;
my %how = (smpp_version => 0x34, interface_version => 0x34, async => 1, enquire_interval => 0, timeout => 20);
my ($listener, %session, $last);
my $json = JSON::PP->new->canonical->latin1;
my $select = IO::Select->new(\*STDIN);

sub report { print $json->encode({@_}), "\n"; }

sub adopt {
	my ($socket) = @_;
	$session{++$last} = $socket;
	$select->add($socket);
	return $last;
}

sub lose {
	my ($n) = @_;
	my $socket = delete $session{$n} or return;
	$select->remove($socket);
	close $socket;
	report(session => $n + 0, closed => 1);
}

if ($mode eq 'smsc') {
	$listener = Net::SMPP->new_listen('127.0.0.1', port => 0, %how) or die "could not listen: $!";
	$select->add($listener);
	report(port => $listener->sockport + 0);
} else {
	my $socket = Net::SMPP->new_connect('127.0.0.1', port => $port, %how) or die "could not connect: $!";
	report(session => adopt($socket));
}

sub take {
	my ($n, $socket) = @_;
	# Its reader says "premature eof" of every end: that one is expected.
	my $pdu = do { local $SIG{__WARN__} = sub { warn @_ unless $_[0] =~ /premature eof|invalid length|I\/O error|error reading/ }; $socket->read_pdu };
	return lose($n) unless $pdu;
	my %told = (session => $n, cmd => Net::SMPP::pdu_tab->{$pdu->{cmd}}{cmd} // sprintf('0x%08x', $pdu->{cmd}));
	for my $key (keys %$pdu) {
		next if $key =~ /^\d+$/ || $key =~ /^(?:cmd|data|known_pdu|reserved)$/ || ref $pdu->{$key} || !defined $pdu->{$key};
		$told{$key} = $key =~ /^(?:short_message|message_payload)$/ || $pdu->{$key} =~ /[^\x20-\x7e]/ ? unpack('H*', $pdu->{$key}) : $pdu->{$key};
	}
	$told{$_} += 0 for grep { exists $told{$_} } qw(session seq status esm_class data_coding registered_delivery);
	report(%told);
}

sub order {
	my ($line) = @_;
	my $o = $json->decode($line);
	my $n = delete $o->{session};
	my $socket = $session{$n} or return;
	return lose($n) if delete $o->{close};
	my $name = delete $o->{pdu};
	for my $key (@{delete($o->{hex}) // []}) { $o->{$key} = pack 'H*', $o->{$key}; }
	$socket->$name(%$o, async => 1);
}

my $rest = '';
while (1) {
	for my $ready ($select->can_read) {
		if ($ready == \*STDIN) {
			sysread(STDIN, $rest, 65536, length $rest) or exit 0;
			order($1) while $rest =~ s/^(.*)\n//;
		} elsif (defined $listener && $ready == $listener) {
			my $socket = $listener->accept or next;
			report(session => adopt($socket), opened => 1);
		} else {
			my ($n) = grep { $session{$_} == $ready } keys %session;
			take($n, $ready) if defined $n;
		}
	}
}
