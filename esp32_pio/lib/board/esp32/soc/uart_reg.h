/* Serial port 0: names and values of ESP-IDF's soc/esp32/register/soc/uart_reg.h. */
#ifndef UART_REG_H
#define UART_REG_H

#define UART_FIFO_REG          0x3FF40000u /* to be read */
#define UART_FIFO_AHB_REG      0x60000000u /* to be written: errata CPU-3.3 and CPU-3.18 */
#define UART_INT_RAW_REG       0x3FF40004u
#define UART_INT_CLR_REG       0x3FF40010u
#define UART_CLKDIV_REG        0x3FF40014u
#define UART_STATUS_REG        0x3FF4001Cu
#define UART_MEM_RX_STATUS_REG 0x3FF40060u

#define UART_RXFIFO_OVF_INT_RAW (1u << 4) /* UART_INT_RAW_REG, and UART_INT_CLR_REG */
#define UART_CLKDIV_FRAG_S      20
/* UART_STATUS_REG */
#define UART_RXFIFO_CNT   0xFFu
#define UART_TXFIFO_CNT_S 16
#define UART_TXFIFO_CNT_M (0xFFu << UART_TXFIFO_CNT_S)
#define UART_ST_UTX_OUT_M (0xFu << 24)
/* UART_MEM_RX_STATUS_REG */
#define UART_MEM_RX_RD_ADDR_S 2
#define UART_MEM_RX_WR_ADDR_S 13
#define UART_MEM_RX_ADDR      0x7FFu

#endif
