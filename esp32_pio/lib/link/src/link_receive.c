/* The receiving end of the link: a stream of bytes taken apart into frames and lines of text. */
#include <string.h>

#include "crc32.h"
#include "link.h"

/* CRC-32 of anything followed by its own CRC-32. */
static const uint32_t RESIDUE = 0x2144DF1C;

enum { FIRST_PRINTABLE = 0x20, LAST_PRINTABLE = 0x7E, LINE_END = '%', FULL_BLOCK = 0xFF };

uint16_t link_u16(const uint8_t *bytes) {
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

uint32_t link_u32(const uint8_t *bytes) {
    return link_u16(bytes) | (uint32_t)link_u16(bytes + 2) << 16;
}

static void start_body(link_receiver *r) {
    r->begun = false;
    r->stuffed = false;
    r->block = 0;
    r->received = 0;
    r->crc = 0;
    r->payload = NULL;
}

static link_event fail(link_receiver *r, link_reason reason) {
    r->reason = reason;
    return LINK_GOT_ERROR;
}

/* A byte of the body, unstuffed. */
static link_event take(link_receiver *r, uint8_t byte) {
    r->crc = sqz_crc32(r->crc, &byte, 1);
    const uint32_t at = r->received++;
    if (at < LINK_HEADER_BYTES) {
        r->start[at] = byte;
        if (at + 1 < LINK_HEADER_BYTES) {
            return LINK_GOT_NOTHING;
        }
        r->header = (link_header){.version = r->start[0],
            .type = r->start[1],
            .sequence = link_u16(r->start + 2),
            .length = link_u32(r->start + 4)};
        return LINK_GOT_HEADER;
    }
    if (r->payload != NULL && at - LINK_HEADER_BYTES < r->header.length) {
        r->payload[at - LINK_HEADER_BYTES] = byte;
    }
    return LINK_GOT_NOTHING;
}

/* A 0x00: whatever was under way ends here. */
static link_event end_body(link_receiver *r) {
    const bool anything = r->begun;
    const bool whole =
        r->block == 0 && r->received >= LINK_HEADER_BYTES + LINK_CRC_BYTES && r->crc == RESIDUE;
    const uint32_t payload = r->received - (LINK_HEADER_BYTES + LINK_CRC_BYTES);
    start_body(r);
    r->line_bytes = 0;
    /* Behind a whole frame, too: this 0x00 may be the next one's, the other having been lost. */
    r->framed = true;
    if (!anything) {
        return LINK_GOT_NOTHING;
    }
    if (!whole) {
        return fail(r, LINK_DAMAGED);
    }
    if (r->header.version != LINK_VERSION) {
        return fail(r, LINK_FOREIGN);
    }
    return payload == r->header.length ? LINK_GOT_FRAME : fail(r, LINK_LENGTH);
}

static bool printable(uint8_t byte) {
    return byte >= FIRST_PRINTABLE && byte <= LAST_PRINTABLE;
}

static link_event take_text(link_receiver *r, uint8_t byte) {
    if (byte == LINE_END && r->line_bytes <= LINK_LINE_BYTES) {
        r->line[r->line_bytes] = '\0';
        r->line_bytes = 0;
        return LINK_GOT_LINE;
    }
    if (!printable(byte) || byte == LINE_END) {
        r->line_bytes = 0;
    } else if (r->line_bytes < LINK_LINE_BYTES) {
        r->line[r->line_bytes++] = (char)byte;
    } else {
        r->line_bytes = LINK_LINE_BYTES + 1; /* too long: passed over to its end */
    }
    return LINK_GOT_NOTHING;
}

/* Behind a 0x00 comes a frame or text. A frame's second byte is the version, which no text holds. */
static link_event turn_to_text(link_receiver *r, uint8_t byte) {
    const uint8_t first = (uint8_t)(r->block + 1);
    start_body(r);
    r->framed = false;
    const link_event event = take_text(r, first);
    const link_event next = take_text(r, byte);
    return event == LINK_GOT_NOTHING ? next : event;
}

static link_event take_stuffed(link_receiver *r, uint8_t byte) {
    if (r->block > 0 && r->received == 0 && printable(byte)) {
        return turn_to_text(r, byte);
    }
    if (r->block > 0) {
        r->block--;
        return take(r, byte);
    }
    const bool zero = r->begun && r->stuffed;
    r->begun = true;
    r->block = (uint8_t)(byte - 1);
    r->stuffed = byte != FULL_BLOCK;
    return zero ? take(r, 0) : LINK_GOT_NOTHING;
}

link_event link_receive(link_receiver *receiver, uint8_t byte) {
    if (byte == 0) {
        return end_body(receiver);
    }
    return receiver->framed ? take_stuffed(receiver, byte) : take_text(receiver, byte);
}

void link_accept(link_receiver *receiver, uint8_t *payload) {
    receiver->payload = payload;
}

link_event link_silence(link_receiver *receiver) {
    const bool under_way = receiver->begun;
    start_body(receiver);
    receiver->framed = false;
    return under_way ? fail(receiver, LINK_TIMEOUT) : LINK_GOT_NOTHING;
}
