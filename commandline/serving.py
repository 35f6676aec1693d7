"""``serve``: the hall is served until told to end."""

import gc
from collections.abc import Callable
from typing import TYPE_CHECKING

from hall import days
from hall.administrators import ADMINISTRATOR
from hall.command import started
from hall.refusals import NotAllowed
from hall.register import Register

if TYPE_CHECKING:
    from flask import Flask

    from web.serving import Server
    from web.tls import Tls

from commandline.asked import Asked, CreateApp, TicksOf, say
from commandline.guarding import guard
from safety.hold import held


def serve(asked: Asked, create_app: CreateApp, ticks_of: TicksOf) -> int:
    """Serve the hall until told to end; NotAllowed ``in_use`` while another server does."""
    with held(asked.database) as hold:
        guard(asked)
        app = create_app(asked.config, asked.database)

        def greet(address: str) -> None:
            hold.served_at(address)
            _welcome(asked, app, address)

        return serve_app(asked, app, ticks_of, greet)


def serve_app(asked: Asked, app: "Flask", ticks_of: TicksOf, greet: Callable[[str], None]) -> int:
    """Serve an app until told to end; ``greet`` hears its address once it listens."""
    from gevent import get_hub

    from kiosk.slip import open_fonts
    from web import logs, notify, serving

    settings = asked.config.server
    log_file = asked.database.absolute().parent / settings.log_file if settings.log_file else None
    logs.configure(settings.log, log_file, settings.log_keep_days)
    rooms = app.extensions["hall"]
    _spare_the_collector()
    tls = _tls(asked)
    context = tls.context if tls else None
    where = f"{asked.host}:{asked.port}"
    server = _listen(serving.Server(app, asked.host, asked.port, context), where)
    servers = [server]
    if settings.plain_port and tls:
        plain = serving.Server(app, asked.host, settings.plain_port, beside=server.port)
        servers.append(_listen(plain, f"{asked.host}:{settings.plain_port}"))
    shown = "127.0.0.1" if asked.host in ("0.0.0.0", "::") else asked.host  # noqa: S104 - compared

    def ready() -> None:
        rooms.audit.note("system.start", f"{asked.host}:{server.port}")
        greet(f"{'https' if tls else 'http'}://{shown}:{server.port}")
        notify.tell("READY=1")
        # the first slip would wait most of a second for its fonts
        get_hub().threadpool.spawn(open_fonts)

    ticks = [*ticks_of(app), notify.alive, *([tls.tick] if tls else [])]
    serving.run(servers, ticks, rooms.metrics.note_delay, ready)
    notify.tell("STOPPING=1")
    rooms.audit.note("system.stop")
    rooms.audit.write_head(quiet=True)
    app.extensions["outbox"].close()
    rooms.connector.close()
    app.extensions["keeping"].close()
    rooms.store.close()
    return 0


def _tls(asked: Asked) -> "Tls | None":
    """Return what connections are encrypted with; a demonstration is not, whatever is set."""
    if asked.config.server.tls == "off" or asked.words.command == "demo":
        return None
    from web.tls import Tls

    return Tls(asked.config.server, asked.database.absolute().parent, days.now)


def _listen(server: "Server", where: str) -> "Server":
    try:
        server.init_socket()
    except OSError as error:
        raise NotAllowed(
            "port_taken",
            f"{where} 不能监听（{error.strerror}）。"
            "可能已有一个服务在运行；请先停止它，或用 --port 换一个端口。",
        ) from error
    return server


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
    if not register.able(ADMINISTRATOR):
        say("还没有管理员。请在另一个命令行窗口运行：")
        say(f"  {started()} admin 姓名{_same_place(asked)}")
        say(f"然后打开 {address}/sign-in 登录，在管理页面建立部门、业务、窗口和人员；")
        say(f"或先导入整个大厅：{started()} import 大厅.xlsx{_same_place(asked)}")


def _same_place(asked: Asked) -> str:
    words = asked.words
    config = f' --config "{words.config}"' if words.config else ""
    return config + (f' --database "{words.database}"' if words.database else "")
