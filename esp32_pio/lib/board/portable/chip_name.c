/* The names of classic ESP32s, as esptool has them: targets/esp32.py, get_chip_description. */
#include "chip_name.h"

/* EFUSE_RD_CHIP_VER_PKG_ESP32... of soc/esp32/include/soc/efuse_defs.h. */
enum { D0WDQ6 = 0, D0WDQ5 = 1, D2WD = 2, U4WDH = 4, PICO_D4 = 5, PICO_V3_02 = 6, D0WDR2_V3 = 7 };
enum { REVISION_3 = 300 };

const char *chip_name(uint32_t package, uint32_t revision, bool single_core) {
    const bool third = revision >= REVISION_3;
    switch (package) {
    case D0WDQ6:
        return single_core ? "ESP32-S0WDQ6" : third ? "ESP32-D0WDQ6-V3" : "ESP32-D0WDQ6";
    case D0WDQ5:
        return single_core ? "ESP32-S0WD" : third ? "ESP32-D0WD-V3" : "ESP32-D0WD";
    case D2WD:
        return "ESP32-D2WD";
    case U4WDH:
        return "ESP32-U4WDH";
    case PICO_D4:
        return third ? "ESP32-PICO-V3" : "ESP32-PICO-D4";
    case PICO_V3_02:
        return "ESP32-PICO-V3-02";
    case D0WDR2_V3:
        return "ESP32-D0WDR2-V3";
    default:
        return "unknown ESP32";
    }
}

bool chip_has_flash(uint32_t package) {
    return package == D2WD || package == U4WDH || package == PICO_D4 || package == PICO_V3_02;
}
