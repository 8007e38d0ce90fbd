/* Serial port 0, the same on both chips: names and values of ESP-IDF's soc/CHIP/register/soc/uart_reg.h. */
#ifndef UART_REG_H
#define UART_REG_H

#define UART_FIFO_REG       0x60000000u
#define UART_INT_RAW_REG    0x60000004u
#define UART_INT_CLR_REG    0x60000010u
#define UART_CLKDIV_REG     0x60000014u
#define UART_STATUS_REG     0x6000001Cu
#define UART_CONF0_REG      0x60000020u
#define UART_FSM_STATUS_REG 0x6000006Cu
#define UART_CLK_CONF_REG   0x60000078u

#define UART_RXFIFO_OVF_INT_RAW (1u << 4) /* UART_INT_RAW_REG, and UART_INT_CLR_REG */
#define UART_CLKDIV_V           0xFFFu    /* the integer part: 12 bits */
#define UART_CLKDIV_FRAG_S      20
/* UART_STATUS_REG */
#define UART_RXFIFO_CNT   0x3FFu
#define UART_TXFIFO_CNT_S 16
#define UART_TXFIFO_CNT_M (0x3FFu << UART_TXFIFO_CNT_S)
#define UART_RXFIFO_RST   (1u << 17)  /* UART_CONF0_REG */
#define UART_ST_UTX_OUT_M (0xFu << 4) /* UART_FSM_STATUS_REG */
/* UART_CLK_CONF_REG */
#define UART_SCLK_DIV_NUM_S 12
#define UART_SCLK_DIV_NUM_M (0xFFu << UART_SCLK_DIV_NUM_S)
#define UART_RST_CORE       (1u << 23)

#endif
