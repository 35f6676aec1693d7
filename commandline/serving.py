"""``serve``: the hall is served until told to end."""

import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hall.refusals import NotAllowed
from hall.register import Register

if TYPE_CHECKING:
    from flask import Flask

from commandline.asked import Asked, CreateApp, TicksOf, say


def serve(asked: Asked, create_app: CreateApp, ticks_of: TicksOf) -> int:
    """Serve the hall until told to end."""
    app = create_app(asked.config, asked.database)
    return serve_app(asked, app, ticks_of, lambda address: _welcome(asked, app, address))


def serve_app(asked: Asked, app: "Flask", ticks_of: TicksOf, greet: Callable[[str], None]) -> int:
    """Serve an app until told to end; ``greet`` hears its address once it listens."""
    from gevent import get_hub

    from kiosk.slip import open_fonts
    from web import logs, serving

    logs.configure(asked.config.server.log)
    rooms = app.extensions["hall"]
    _spare_the_collector()
    server = serving.Server(app, asked.host, asked.port)
    try:
        server.init_socket()
    except OSError as error:
        raise NotAllowed(
            "port_taken",
            f"{asked.host}:{asked.port} 不能监听（{error.strerror}）。"
            "可能已有一个服务在运行；请先停止它，或用 --port 换一个端口。",
        ) from error
    shown = "127.0.0.1" if asked.host in ("0.0.0.0", "::") else asked.host  # noqa: S104 - compared

    def ready() -> None:
        greet(f"http://{shown}:{server.port}")
        # the first slip would wait most of a second for its fonts
        get_hub().threadpool.spawn(open_fonts)

    serving.run(server, ticks_of(app), rooms.metrics.note_delay, ready)
    app.extensions["outbox"].close()
    rooms.connector.close()
    rooms.store.close()
    return 0


def _spare_the_collector() -> None:
    """Let the garbage collector pass over what stays for good: 7 % of a ticket's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


# -- how it greets -----------------------------------------------------------------------------


def _welcome(asked: Asked, app: "Flask", address: str) -> None:
    register: Register = app.extensions["hall"].register
    say(f"{register.hall().name} 已启动：{address}　（按 Ctrl+C 停止）")
    say(f"数据文件：{asked.database}")
    if not register.administrators():
        say("还没有管理员。请在另一个命令行窗口运行：")
        say(f"  {_me()} admin 姓名{_same_place(asked)}")
        say(f"然后打开 {address}/sign-in 登录，在管理页面建立部门、业务、窗口和人员；")
        say(f"或先导入整个大厅：{_me()} import 大厅.xlsx{_same_place(asked)}")


def _me() -> str:
    return f"{Path(sys.executable).name} {Path(sys.argv[0]).name}"


def _same_place(asked: Asked) -> str:
    words = asked.words
    config = f' --config "{words.config}"' if words.config else ""
    return config + (f' --database "{words.database}"' if words.database else "")
