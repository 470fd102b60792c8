import math, torch, torch.nn as nn, torch.nn.functional as F
from dataclasses import dataclass

@dataclass
class Cfg:
    vocab_size:int=2048; n_layer:int=3; n_head:int=4; n_embd:int=96
    K:int=4; D:int=3; P:int=8; O:int=5
    n_plan_layer:int=1; digits:str='mlp'; pointer:bool=False; self_attn:bool=False; run_ord:bool=False
    number_ids:tuple=()

def norm(x): return F.rms_norm(x,(x.size(-1),))

class Rotary(nn.Module):
    def __init__(s,dim,T=1024):
        super().__init__()
        f=10000**(-torch.arange(0,dim,2)/dim); a=torch.outer(torch.arange(T),f)
        s.register_buffer('cos',a.cos()[None,None],False); s.register_buffer('sin',a.sin()[None,None],False)
    def forward(s,x):
        T=x.size(2); x1,x2=x.chunk(2,-1); c,n=s.cos[:,:,:T],s.sin[:,:,:T]
        return torch.cat((x1*c-x2*n, x2*c+x1*n),-1)

def lin(i,o,zero=False):
    l=nn.Linear(i,o,bias=False)
    if zero: nn.init.zeros_(l.weight)
    else: nn.init.uniform_(l.weight,-(3**.5)*i**-.5,(3**.5)*i**-.5)
    return l

class Attn(nn.Module):
    def __init__(s,H,h,rot=None):
        super().__init__(); s.h=h; s.qkv=lin(H,3*H); s.o=lin(H,H,True); s.rot=rot
    def forward(s,x,causal=True):
        B,T,H=x.shape
        q,k,v=s.qkv(x).view(B,T,3,s.h,H//s.h).permute(2,0,3,1,4)
        q,k=norm(q),norm(k)
        if s.rot is not None: q,k=s.rot(q),s.rot(k)
        y=F.scaled_dot_product_attention(q,k,v,is_causal=causal)
        return s.o(y.transpose(1,2).reshape(B,T,H))

class Cross(nn.Module):
    def __init__(s,H,h):
        super().__init__(); s.h=h; s.q=lin(H,H); s.kv=lin(H,2*H); s.o=lin(H,H,True); s.scale=nn.Parameter(torch.ones(h,1,1))
    def forward(s,x,mem,mask):
        B,Q,H=x.shape; T=mem.size(1)
        q=norm(s.q(x).view(B,Q,s.h,-1).transpose(1,2))*s.scale
        k,v=s.kv(mem).view(B,T,2,s.h,-1).permute(2,0,3,1,4); k=norm(k)
        y=F.scaled_dot_product_attention(q,k,v,attn_mask=mask,scale=1/(H//s.h)**.5*2)
        return s.o(y.transpose(1,2).reshape(B,Q,H))

class MLP(nn.Module):
    def __init__(s,H): super().__init__(); s.a=lin(H,4*H); s.b=lin(4*H,H,True)
    def forward(s,x): return s.b(F.relu(s.a(x)).square())

class Block(nn.Module):
    def __init__(s,H,h,rot): super().__init__(); s.at=Attn(H,h,rot); s.mlp=MLP(H)
    def forward(s,x): x=x+s.at(norm(x)); return x+s.mlp(norm(x))

class PlanBlock(nn.Module):
    def __init__(s,H,h,sa): super().__init__(); s.c=Cross(H,h); s.mlp=MLP(H); s.sa=Attn(H,h) if sa else None
    def forward(s,x,mem,mask):
        x=x+s.c(norm(x),mem,mask)
        if s.sa is not None: x=x+s.sa(norm(x),False)
        return x+s.mlp(norm(x))

class Model(nn.Module):
    def __init__(s,c):
        super().__init__(); s.c=c; H=c.n_embd
        s.emb=nn.Embedding(c.vocab_size,H); s.pos=nn.Embedding(32,H)
        nn.init.normal_(s.emb.weight,std=.5); nn.init.normal_(s.pos.weight,std=.5)
        isn=torch.zeros(c.vocab_size,dtype=torch.bool); isn[list(c.number_ids)]=True; s.register_buffer('isn',isn,False)
        rot=Rotary(H//c.n_head)
        s.blocks=nn.ModuleList(Block(H,c.n_head,rot) for _ in range(c.n_layer))
        s.query=nn.Parameter(torch.randn(c.K+c.D,H)*.5); s.ctx=lin(H,H)
        s.plan=nn.ModuleList(PlanBlock(H,c.n_head,c.self_attn) for _ in range(c.n_plan_layer))
        S=c.K+c.D
        if c.digits=='mlp':
            s.hid=nn.Linear(H,2*H); s.dig=nn.Linear(2*H,c.P*10)
        else:
            s.dq=nn.Parameter(torch.randn(c.P,H)*.5); s.dc=Cross(H,c.n_head); s.dig=nn.Linear(H,10)
            s.dm=MLP(H) if c.digits=='attn_mlp' else None
        s.sign=nn.Linear(H,2); s.op=nn.Linear(H,c.O); s.o12=nn.Linear(H,2*S)
        if c.pointer: s.pq=lin(H,2*H); s.pk=lin(H,2*H)
        m=torch.zeros(c.D,S); 
        for d in range(c.D): m[d,c.K+d:]=float('-inf')
        s.register_buffer('m',m,False)
    def forward(s,ids,lengths):
        c=s.c; B,T=ids.shape; t=torch.arange(T)
        isn=s.isn[ids]; run=(t-torch.where(isn,-1,t).cummax(1).values).clamp(max=31)
        x=norm(s.emb(ids)+s.pos(run))
        for b in s.blocks: x=b(x)
        x=norm(x)
        last=x[torch.arange(B),lengths-1]
        mask=(t<lengths[:,None])[:,None,None]
        q=s.query+s.ctx(last)[:,None]
        for b in s.plan: q=b(q,x,mask)
        q=norm(q); v,st=q[:,:c.K],q[:,c.K:]
        if c.digits=='mlp': dl=s.dig(F.gelu(s.hid(v))).view(B,c.K,c.P,10)
        else:
            d=(v[:,:,None]+s.dq).flatten(1,2)
            d=d+s.dc(norm(d),x,mask)
            if s.dm is not None: d=d+s.dm(norm(d))
            dl=s.dig(norm(d)).view(B,c.K,c.P,10)
        o=s.o12(st).view(B,c.D,2,-1)
        if c.pointer:
            pq=s.pq(st).view(B,c.D,2,-1).transpose(1,2); pk=s.pk(q).view(B,c.K+c.D,2,-1).transpose(1,2)
            o=o+(pq@pk.transpose(-1,-2)*c.n_embd**-.5).transpose(1,2)
        o=o+s.m[:,None]
        return s.sign(v),dl,s.op(st),o[:,:,0],o[:,:,1]

def losses(out,b,identity=4):
    sg,dl,op,o1,o2=out
    m=b.number_mask; D=op.shape[1]; P=dl.shape[2]
    ld=F.cross_entropy(dl[m].flatten(0,1),b.digits[m].flatten())
    ls=F.cross_entropy(sg[m],b.negative[m])
    lo=F.cross_entropy(op.flatten(0,1),b.operation.flatten())
    l1=F.cross_entropy(o1.flatten(0,1),b.operand1.flatten())
    m2=b.operation!=identity
    l2=F.cross_entropy(o2[m2],b.operand2[m2])
    return P*ld+ls+D*(lo+l1+l2),(ld,ls,lo,l1,l2)

def exact(out,b,identity=4):
    sg,dl,op,o1,o2=out
    nm=~b.number_mask
    num=((dl.argmax(-1)==b.digits).all(-1)|nm).all(-1); sgn=((sg.argmax(-1)==b.negative)|nm).all(-1)
    o=(op.argmax(-1)==b.operation).all(-1); a=(o1.argmax(-1)==b.operand1).all(-1); c=((o2.argmax(-1)==b.operand2)|(b.operation==identity)).all(-1)
    return torch.stack([num,sgn,o,a&c,num&sgn&o&a&c])
