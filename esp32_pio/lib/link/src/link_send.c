/* The sending end of the link: frames, stuffed and put on the line piece by piece. */
#include "crc32.h"
#include "link.h"

enum { FULL_BLOCK = 0xFF };

static const uint8_t DELIMITER = 0;

static void put_block(link_sender *s) {
    s->block[0] = (uint8_t)(s->held + 1);
    s->write(s->block, s->held + 1u);
    s->held = 0;
}

static void stuff(link_sender *s, const uint8_t *bytes, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (s->held + 1 == FULL_BLOCK) { /* 254 bytes without 0x00: the code 255 stands for no 0x00 */
            put_block(s);
        }
        if (bytes[i] == 0) {
            put_block(s);
        } else {
            s->block[++s->held] = bytes[i];
        }
    }
}

void link_send(link_sender *sender, const void *bytes, uint32_t count) {
    sender->crc = sqz_crc32(sender->crc, bytes, count);
    stuff(sender, bytes, count);
}

void link_put_u16(uint8_t *bytes, uint32_t value) {
    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)(value >> 8);
}

void link_put_u32(uint8_t *bytes, uint32_t value) {
    link_put_u16(bytes, value);
    link_put_u16(bytes + 2, value >> 16);
}

void link_send_start(link_sender *sender, uint8_t type, uint16_t sequence, uint32_t length) {
    uint8_t header[LINK_HEADER_BYTES] = {LINK_VERSION, type, (uint8_t)sequence, (uint8_t)(sequence >> 8)};
    link_put_u32(header + 4, length);
    sender->crc = 0;
    sender->held = 0;
    sender->write(&DELIMITER, 1);
    link_send(sender, header, sizeof header);
}

void link_send_end(link_sender *sender) {
    uint8_t crc[LINK_CRC_BYTES];
    link_put_u32(crc, sender->crc);
    stuff(sender, crc, sizeof crc);
    put_block(sender);
    sender->write(&DELIMITER, 1);
}
