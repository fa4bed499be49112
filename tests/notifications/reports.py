"""Reports as mail servers write them: the same facts in the shapes of several."""

from __future__ import annotations

OURS = "<0123456789abcdef0123456789abcdef@kerlan.example>"
ALICE = "alice@alpha.example"


def report(
    *blocks: str,
    message_id: str = OURS,
    text: str = "Your mail could not be delivered.",
    original: str = "message/rfc822",
) -> bytes:
    """A report: words for people, facts by recipient, the mail it is about."""
    facts = "\n\n".join(("Reporting-MTA: dns; mx.example", *blocks))
    about = f"From: Vigie <vigie@kerlan.example>\nMessage-ID: {message_id}\nSubject: Rappel\n"
    if original == "message/rfc822":
        about += "\nBonjour Alice,\n"
    return f"""Return-Path: <>
From: MAILER-DAEMON@mx.example
To: vigie@kerlan.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut
Content-Type: text/plain; charset=utf-8

{text}

--cut
Content-Type: message/delivery-status

{facts}

--cut
Content-Type: {original}

{about}
--cut--
""".encode()


def block(
    *,
    to: str = ALICE,
    action: str = "failed",
    status: str = "5.1.1",
    more: str = "",
) -> str:
    """What a report says of one recipient."""
    return f"Final-Recipient: rfc822; {to}\n{more}Action: {action}\nStatus: {status}"


POSTFIX = f"""Return-Path: <>
Received: by mx.example (Postfix) id 4C5B1; Mon, 7 Dec 2026 10:00:02 +0100 (CET)
Date: Mon, 7 Dec 2026 10:00:02 +0100 (CET)
From: MAILER-DAEMON@mx.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: vigie@kerlan.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4C5B1.1796/mx.example"

This is a MIME-encapsulated message.

--4C5B1.1796/mx.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

<{ALICE}>: host mail.alpha.example[192.0.2.7] said: 550 5.1.1 User unknown

--4C5B1.1796/mx.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
X-Postfix-Queue-ID: 4C5B1
X-Postfix-Sender: rfc822; vigie@kerlan.example
Arrival-Date: Mon,  7 Dec 2026 10:00:00 +0100 (CET)

Final-Recipient: rfc822; {ALICE}
Original-Recipient: rfc822;{ALICE}
Action: failed
Status: 5.1.1
Remote-MTA: dns; mail.alpha.example
Diagnostic-Code: smtp; 550 5.1.1 <{ALICE}>: Recipient address rejected: User
    unknown

--4C5B1.1796/mx.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

Return-Path: <vigie@kerlan.example>
From: Vigie <vigie@kerlan.example>
To: Alice Martin <{ALICE}>
Message-ID: {OURS}

--4C5B1.1796/mx.example--
""".encode()

EXCHANGE = f"""From: "Microsoft Outlook" <postmaster@alpha.example>
To: <vigie@kerlan.example>
Date: Mon, 7 Dec 2026 09:00:03 +0000
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="a0d1c2b3-4455-6677"
Content-Language: fr-FR
Message-ID: <b7c1@alpha.example>
Subject: =?utf-8?Q?Non_remis=C2=A0:_Rappel?=
MIME-Version: 1.0

--a0d1c2b3-4455-6677
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="b1d1c2b3-4455-6677"

--b1d1c2b3-4455-6677
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: 8bit

Échec de la remise : l’adresse n’a pas été trouvée.

--b1d1c2b3-4455-6677
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: base64

PGI+w4ljaGVjPC9iPg==

--b1d1c2b3-4455-6677--

--a0d1c2b3-4455-6677
Content-Type: message/delivery-status

Reporting-MTA: dns;PR0P264MB0001.FRAP264.PROD.OUTLOOK.COM
Received-From-MTA: dns;mx.example
Arrival-Date: Mon, 7 Dec 2026 09:00:02 +0000

Final-Recipient: rfc822;{ALICE.title()}
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found
X-Display-Name: Alice Martin

--a0d1c2b3-4455-6677
Content-Type: message/rfc822

Received: from mx.example (192.0.2.1) by outlook.com
From: Vigie <vigie@kerlan.example>
To: Alice Martin <{ALICE}>
Subject: Rappel
Message-ID:
\t{OURS}
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="===1=="

--===1==
Content-Type: text/plain

Bonjour
--===1==--

--a0d1c2b3-4455-6677--
""".replace("\n", "\r\n").encode()

GMAIL = f"""From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
To: vigie@kerlan.example
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
Message-ID: <6755.050a@mx.google.com>
Content-Type: multipart/report; boundary="00000000000012ab"; report-type=delivery-status

--00000000000012ab
Content-Type: multipart/related; boundary="00000000000034cd"

--00000000000034cd
Content-Type: multipart/alternative; boundary="00000000000056ef"

--00000000000056ef
Content-Type: text/plain; charset="UTF-8"

** Address not found **
--00000000000056ef--
--00000000000034cd
Content-Type: image/png; name="icon.png"
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--00000000000034cd--
--00000000000012ab
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
Received-From-MTA: dns; vigie@kerlan.example
Arrival-Date: Mon, 07 Dec 2026 01:00:02 -0800 (PST)
X-Original-Message-ID: {OURS}

Final-Recipient: rfc822; {ALICE}
Action: failed
Status: 5.1.1
Remote-MTA: dns; gmail-smtp-in.l.google.com. (192.0.2.9, the server for the
 domain alpha.example.)
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does
 not exist.
Last-Attempt-Date: Mon, 07 Dec 2026 01:00:03 -0800 (PST)

--00000000000012ab
Content-Type: message/rfc822

From: Vigie <vigie@kerlan.example>
Message-ID: {OURS}
Subject: Rappel

--00000000000012ab--
""".encode()

VACATION = f"""From: {ALICE}
To: vigie@kerlan.example
Subject: =?utf-8?Q?Absente=C2=A0:_Rappel?=
Auto-Submitted: auto-replied
In-Reply-To: {OURS}
References: {OURS}
Content-Type: text/plain; charset=utf-8

Je suis absente. Status: 5.1.1 Action: failed
""".encode()

READ_RECEIPT = f"""From: {ALICE}
To: vigie@kerlan.example
Subject: Lu
Content-Type: multipart/report; report-type=disposition-notification; boundary="cut"

--cut
Content-Type: text/plain

Lu.
--cut
Content-Type: message/disposition-notification

Final-Recipient: rfc822; {ALICE}
Original-Message-ID: {OURS}
Disposition: manual-action/MDN-sent-manually; displayed

--cut
Content-Type: text/rfc822-headers

Message-ID: {OURS}

--cut--
""".encode()
